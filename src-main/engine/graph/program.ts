import { buildFunction, ScopeBuilder } from './builder';
import { input } from './ops/source';
import { isOf, MutableScope } from './scope';
import type { DType, Entry, GraphBuilder, Program, Shape, Update, Value, Variable } from './types';

/** Collects the variables and entries of a program. Names are unique. */
export class ProgramBuilder {
  private readonly variables = new Map<string, Variable>();
  private readonly entries = new Map<string, Entry>();

  constructor(private readonly lanes = 1) {}

  variable(name: string, dtype: DType, shape: Shape): Variable {
    if (this.variables.has(name)) throw new Error(`variable ${name} is declared twice`);
    const variable: Variable = { name, dtype, shape };
    this.variables.set(name, variable);
    return variable;
  }

  readonly function = buildFunction;

  entry(
    name: string,
    body: (g: GraphBuilder) => {
      readonly outputs: Readonly<Record<string, Value>>;
      readonly updates: readonly Update[];
    },
  ): Entry {
    if (this.entries.has(name)) throw new Error(`entry ${name} is declared twice`);
    const scope = new MutableScope(name);
    const { outputs, updates } = body(new ScopeBuilder(scope));
    const inputs = Object.fromEntries(
      scope.nodes.flatMap((n) => (isOf(n, input) ? [[n.attrs.name, n.outputs[0]!] as const] : [])),
    );
    const entry: Entry = { name, scope, inputs, outputs, updates };
    this.entries.set(name, entry);
    return entry;
  }

  build(): Program {
    return { variables: [...this.variables.values()], entries: [...this.entries.values()], lanes: this.lanes };
  }
}

/** The values an update needs. */
export function updateValues(update: Update): readonly Value[] {
  if (update.kind === 'adam')
    return [update.gradient, update.rate, update.beta1, update.beta2, update.epsilon, update.decay];
  return update.kind === 'add-row' ? [update.value, update.row] : [update.value];
}
