import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { RunId } from '../../shared/ids';
import { methodById } from '../../shared/catalogue/method-catalogue';
import { throwFailure } from '../../shared/result';
import type { RunSpec } from '../../shared/spec/run-spec';
import { checkRunSpec } from '../../shared/spec/run-spec-check';
import { starterFolder, starterNames, type Services } from '../services';

/** DPO and SamPO on the bundled model and pairs, alike in everything else (resources/starter/sample.json). */
export function sampleSpecs(folder: string = starterFolder()): readonly RunSpec[] {
  const file = path.join(folder, 'sample.json');
  if (!existsSync(file))
    throwFailure(
      'missing-on-machine',
      `The starter content is missing (${folder}).`,
      'Reinstall SamPO Studio, or run it from a complete checkout.',
    );
  const parts = JSON.parse(readFileSync(file, 'utf8')) as Readonly<
    Record<'dpo' | 'sampo', Readonly<Record<string, unknown>>>
  >;
  return [parts.dpo, parts.sampo].map((part) => {
    const checked = checkRunSpec({
      ...part,
      model: { path: path.join(folder, 'model') },
      dataset: { ...(part.dataset as object), path: path.join(folder, 'pairs.jsonl') },
    });
    if (!checked.ok)
      return throwFailure(checked.error.code, `sample.json: ${checked.error.message}`, checked.error.hint);
    // the verdict speaks of "DPO's answers"
    return { ...checked.value, name: methodById(checked.value.method.id)?.name ?? checked.value.name };
  });
}

export function startSample({ runs }: Services): readonly RunId[] {
  const ids = sampleSpecs().map((spec) => runs.create(spec, starterNames));
  for (const id of ids) runs.start(id);
  return ids;
}
