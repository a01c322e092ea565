import { z } from 'zod';
import { methodById } from '../catalogue/method-catalogue';
import { appError, type AppError, type Result } from '../result';
import { columnRoles, datasetColumnsSchema, runSpecSchema, type DatasetColumns, type RunSpec } from './run-spec';
import { inCheckout } from '../build-kind';

const fieldsInGuide = 'The user guide lists the fields.';

/** Parses a run spec; a refusal names the field, the nearest known one, or the version that can do it. */
export function checkRunSpec(input: unknown): Result<RunSpec> {
  const refused = refuseLater(input);
  if (refused) return { ok: false, error: refused };
  const parsed = runSpecSchema.safeParse(withImplied(input as Readonly<Record<string, unknown>>));
  if (!parsed.success) return { ok: false, error: fromIssue(parsed.error.issues[0]!) };
  const spec = parsed.data;
  const crossed = crossCheck(spec);
  return crossed ? { ok: false, error: crossed } : { ok: true, value: spec };
}

/** `dataset.columns` on its own, as a command's flag gives it. */
export function checkDatasetColumns(input: unknown): Result<DatasetColumns> {
  const parsed = datasetColumnsSchema.safeParse(input);
  if (parsed.success) return { ok: true, value: parsed.data };
  const [issue] = parsed.error.issues;
  if (issue?.code === 'unrecognized_keys') {
    const [name] = issue.keys as [string];
    const nearest = nearestName(name, columnRoles);
    return {
      ok: false,
      error: refusal(
        name,
        `Columns can be named for ${columnRoles.join(', ')}, not for "${name}".`,
        nearest ? `Did you mean ${nearest}?` : 'Leave it out.',
      ),
    };
  }
  return {
    ok: false,
    error: refusal(
      '',
      `Columns are a JSON object of roles and column names (${issue!.message}).`,
      `Roles: ${columnRoles.join(', ')}.`,
    ),
  };
}

const refusal = (path: string, message: string, hint: string, code: AppError['code'] = 'bad-spec'): AppError =>
  appError(code, message, hint, { path });

function refuseLater(input: unknown): AppError | null {
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    return refusal(
      '',
      'A run spec is a JSON object.',
      inCheckout('npx sampo spec --example prints one.', fieldsInGuide),
    );
  const { version } = input as Readonly<Record<string, unknown>>;
  if (typeof version === 'number' && version > 1)
    return refusal(
      'version',
      `This run spec has version ${version}; this version of SamPO Studio reads version 1.`,
      'Update SamPO Studio, or write the spec for version 1.',
    );
  return null;
}

/** A supervised objective can only mean method `sft`, and the other way round: naming one of them is enough. */
function withImplied(input: Readonly<Record<string, unknown>>): unknown {
  const { objective, method } = input;
  if (objective === 'supervised' && method === undefined) return { ...input, method: { id: 'sft' } };
  if (objective === undefined && (method as { readonly id?: unknown } | undefined)?.id === 'sft')
    return { ...input, objective: 'supervised' };
  return input;
}

function fromIssue(issue: z.core.$ZodIssue): AppError {
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const name = issue.keys[0]!;
    const full = path === '' ? name : `${path}.${name}`;
    const nearest = nearestName(name, knownFields(issue.path.map(String)));
    if (nearest === name) {
      const hint = `Leave it out, or choose the kind of ${path} that has it.`;
      return refusal(full, `Field ${full} of the run spec belongs to another kind of ${path}.`, hint);
    }
    return refusal(
      full,
      `The run spec has an unknown field ${full}.`,
      nearest
        ? `Did you mean ${path === '' ? '' : `${path}.`}${nearest}?`
        : inCheckout('npx sampo spec --schema lists all fields.', fieldsInGuide),
    );
  }
  return refusal(
    path,
    `Field ${path || '(the spec itself)'} of the run spec: ${issue.message}.`,
    inCheckout(
      'npx sampo spec --example prints a complete spec; npx sampo spec --schema lists types and ranges.',
      fieldsInGuide,
    ),
  );
}

/** Names that the schema knows at a path, from its JSON Schema (unions: all branches). */
function knownFields(path: readonly string[]): readonly string[] {
  type Node = {
    readonly properties?: Readonly<Record<string, Node>>;
    readonly anyOf?: readonly Node[];
    readonly oneOf?: readonly Node[];
  };
  const branches = (node: Node): readonly Node[] => [node, ...(node.anyOf ?? []), ...(node.oneOf ?? [])];
  let nodes: readonly Node[] = branches(z.toJSONSchema(runSpecSchema, { io: 'input' }) as Node);
  for (const part of path)
    nodes = nodes.flatMap((node) => (node.properties?.[part] ? branches(node.properties[part]) : []));
  return [...new Set(nodes.flatMap((node) => Object.keys(node.properties ?? {})))];
}

/** The known name with the fewest edits, if it is near enough to be meant. */
export function nearestName(name: string, known: readonly string[]): string | null {
  const ranked = known
    .map((candidate) => [candidate, editDistance(name.toLowerCase(), candidate.toLowerCase())] as const)
    .sort((a, b) => a[1] - b[1]);
  const [best] = ranked;
  return best && best[1] <= Math.max(2, name.length / 3) ? best[0] : null;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}

/** Why a reference of its own is refused. */
function startsFromModel({ method, rounds }: RunSpec): string {
  if (method.id === 'tdpo') return 'TDPO compares whole distributions in every step, which';
  return rounds > 1 && method.referenceSync.everySteps === 0
    ? 'Training in rounds, where each result is the next reference,'
    : 'A reference that follows the model';
}

/** Fields that are right alone and wrong together. */
function crossCheck(spec: RunSpec): AppError | null {
  const { objective, model, method, adapter, training } = spec;
  const entry = methodById(method.id)!;
  const isSynced = method.referenceSync.everySteps > 0;
  if (objective === 'supervised' && method.id !== 'sft')
    return refusal(
      'method.id',
      `The objective is supervised, but the method is ${method.id}.`,
      'Set method.id to "sft", or objective to "preference".',
    );
  if (objective === 'preference' && method.id === 'sft')
    return refusal('objective', 'The method sft learns from chosen responses only.', 'Set objective to "supervised".');
  if (model.reference !== null && (!entry.needsReference || method.referenceFree))
    return refusal(
      'model.reference',
      `${entry.name} ${method.referenceFree ? 'is set to work without a reference' : 'has no reference model'}.`,
      'Set model.reference to null.',
    );
  if (model.reference !== null && (method.id === 'tdpo' || isSynced || spec.rounds > 1))
    return refusal(
      'model.reference',
      `${startsFromModel(spec)} starts from the model itself.`,
      'Set model.reference to null.',
    );
  if (isSynced && adapter.kind === 'lora')
    return refusal(
      'method.referenceSync',
      'A reference that follows the model mixes whole weights, which adapters do not have.',
      'Set adapter to { "kind": "none" }, or method.referenceSync.everySteps to 0.',
    );
  if (spec.rounds > 1 && objective === 'supervised')
    return refusal(
      'rounds',
      'Supervised fine-tuning has no reference that rounds could renew.',
      'Set training.epochs instead, and rounds to 1.',
    );
  if (typeof training.microBatchPairs === 'number' && training.microBatchPairs > training.pairsPerStep)
    return refusal(
      'training.microBatchPairs',
      `A micro-batch of ${training.microBatchPairs} pairs is larger than a step of ${training.pairsPerStep}.`,
      'Make it at most training.pairsPerStep, or "auto".',
    );
  return null;
}
