import { gradients } from '../../../src-main/engine/graph/gradients';
import { ProgramBuilder } from '../../../src-main/engine/graph/program';
import type { Entry, Program } from '../../../src-main/engine/graph/types';
import { opCases, type OpCase } from './op-cases';
import { interpret, type Numbers } from './interpreter';
import { elementCount } from '../../../src-main/engine/graph/shapes';
import { seeded } from './tiny-config';

/** All cases as entries of one program: outputs `y`, `loss` = Σ y · (1, 2, 3 …)/10 and the gradient of every input. */
export function opProgram(): Program {
  const program = new ProgramBuilder();
  for (const opCase of opCases)
    program.entry(opCase.name, (g) => {
      const inputs = opCase.inputs.map(({ shape }, i) => g.input(`x${i}`, 'f32', shape));
      const y = opCase.build(g, inputs, program);
      const weights = g.reshape(g.mul(g.add(g.cast(g.range(elementCount(y.shape)), 'f32'), 1), 0.1), y.shape);
      const loss = g.sum(
        g.mul(y, weights),
        y.shape.map((_, axis) => axis),
      );
      const found = gradients(g, loss, inputs);
      return { outputs: { y, loss, ...Object.fromEntries(found.map((d, i) => [`d${i}`, d])) }, updates: [] };
    });
  return program.build();
}

export function caseFeeds(opCase: OpCase): Readonly<Record<string, Numbers>> {
  const random = seeded(opCase.name.length);
  return Object.fromEntries(
    opCase.inputs.map(({ shape, low = -1, high = 1 }, i) => [
      `x${i}`,
      Array.from({ length: elementCount(shape) }, () => Math.fround(low + (high - low) * random())),
    ]),
  );
}

export function interpretEntry(
  entry: Entry,
  feeds: Readonly<Record<string, Numbers>>,
): Readonly<Record<string, Numbers>> {
  const given = new Map(Object.entries(entry.inputs).map(([name, value]) => [value, feeds[name]!]));
  const values = interpret(Object.values(entry.outputs), given);
  return Object.fromEntries(Object.entries(entry.outputs).map(([name, value]) => [name, values.get(value)!]));
}
