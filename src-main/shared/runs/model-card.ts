import { loraWords, type LoraInUse } from './lora-in-use';
import { methodById } from '../catalogue/method-catalogue';
import { briefMethod } from '../spec/method-spec';
import type { RunSpec } from '../spec/run-spec';
import type { ComparisonView } from '../views/comparison';
import type { ExportForm } from '../views/export';
import type { Verdict } from '../views/run';

export interface ModelCardFacts {
  readonly name: string;
  readonly spec: RunSpec;
  readonly form: ExportForm;
  /** The adapter as it was trained; null: none, or its checkpoint cannot be read. */
  readonly lora: LoraInUse | null;
  readonly baseModel: string;
  readonly dataset: string;
  readonly steps: number;
  readonly finalLoss: number | null;
  readonly engine: string | null;
  readonly length: ComparisonView['length']['runs'][number];
  readonly verdict: Verdict;
}

/** A row per parameter that has an effect, the rounds and the reference: what someone needs to train it again. */
function parameterRows({ method, model, rounds, roundData }: RunSpec): string {
  const text = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));
  const rows = Object.entries(briefMethod(method))
    .filter(([name, value]) => name !== 'id' && value !== null && !(name === 'beta' && method.id === 'sft'))
    .map(([name, value]) => `| ${name} | ${text(value)} |`);
  if (rounds > 1)
    rows.push(
      `| rounds | ${rounds}, each from the result of the one before, data ` +
        `${roundData === 'split' ? 'split over them' : 'repeated'} |`,
    );
  if (model.reference !== null) rows.push('| reference | another model |');
  return rows.join('\n');
}

/** What a run that goes on with an adapter trains is that adapter's to say, not the spec's. */
function trainedWords(adapter: RunSpec['adapter'], lora: LoraInUse | null): string {
  if (adapter.kind === 'none') return 'all weights';
  const size =
    adapter.from === null ? `rank ${adapter.rank}, alpha ${adapter.alpha}` : 'of the adapter that it goes on with';
  return `LoRA, ${lora === null ? size : loraWords(lora)}${adapter.from === null ? '' : ', begun from another adapter'}`;
}

const shown = (value: number | null, digits = 3): string =>
  value === null ? 'not measured' : Number(value.toPrecision(digits)).toString();

/** README.md of an exported model: what was trained on what, and what happened to length. */
export function renderModelCard({
  name,
  spec,
  form,
  lora,
  baseModel,
  dataset,
  steps,
  finalLoss,
  engine,
  length,
  verdict,
}: ModelCardFacts): string {
  const { method, training } = spec;
  const entry = methodById(method.id);
  const yaml = (text: string): string => JSON.stringify(text); // a JSON string is a YAML string
  return `---
base_model: ${yaml(baseModel)}
library_name: ${form === 'adapter' ? 'peft' : 'transformers'}
pipeline_tag: text-generation
tags: [sampo-studio, preference-tuning, ${method.id}]
---

# ${name}

${baseModel}, tuned with ${entry?.name ?? method.id} on ${dataset} by SamPO Studio.

| | |
|---|---|
| method | ${entry?.name ?? method.id} (${entry?.paper ?? ''}) |
${parameterRows(spec)}
| trained | ${trainedWords(spec.adapter, lora)} |
| learning rate | ${training.learningRate}, ${training.schedule}, warm-up ${training.warmupRatio} |
| steps | ${steps} of ${training.pairsPerStep} pairs, max length ${training.maxLength}, seed ${training.seed} |
| final loss | ${shown(finalLoss)} |
| engine | ${engine ?? 'unknown'} |

## Length

${verdict.text}

Measured on: ${verdict.basis}.

| | |
|---|---|
| mean tokens of probe answers, before and after | ${shown(length.probeTokensBefore)} and ${shown(length.probeTokensAfter)} |
| correlation of margin and length difference | ${shown(length.marginLengthCorrelation, 2)} |
| accuracy when chosen is longer, shorter | ${shown(length.accuracyChosenLonger, 2)}, ${shown(length.accuracyChosenShorter, 2)} |
| held-out accuracy | ${shown(length.heldOutAccuracy, 2)} |

The licence of this model follows from those of the base model and the dataset; add it here before you publish.
`;
}
