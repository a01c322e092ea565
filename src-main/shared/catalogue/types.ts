/** Ids that run specs use (docs/contract.md). */
export const methodIds = [
  'sampo',
  'dpo',
  'ipo',
  'hinge',
  'robust',
  'exo_pair',
  'nca_pair',
  'sppo_hard',
  'bco_pair',
  'kto_pair',
  'aot',
  'aot_unpaired',
  'apo_zero',
  'apo_down',
  'sigmoid_norm',
  'discopop',
  'dpop',
  'r_dpo',
  'dpo_sft',
  'tdpo',
  'simpo',
  'orpo',
  'sft',
] as const;
export type MethodId = (typeof methodIds)[number];

/** Which tokens of a pair count, and how much (docs/methods.md, "SamPO's draw"). */
export const samplingModes = ['none', 'shared', 'independent', 'expected', 'topk', 'average'] as const;
export type SamplingMode = (typeof samplingModes)[number];

/** `paper` and `seed` (the SamPO paper's code) where they differ; `trl` where today's TRL is a third. */
export const variants = ['paper', 'seed', 'trl'] as const;
export type Variant = (typeof variants)[number];

export const divergences = ['reverse_kl', 'forward_kl', 'js', 'alpha'] as const;

export interface NumberRange {
  readonly min: number;
  readonly max: number;
  readonly step?: number;
  readonly whole?: boolean;
}
export type ParameterRange =
  | NumberRange
  | { readonly options: readonly string[] }
  | { readonly flag: true }
  /** A list of { id, weight }: further losses added to the first. */
  | { readonly terms: readonly string[] };

/** `name` is the field of the run spec under `method`; a dot leads into an object (`fDivergence.type`). */
export interface MethodParameter {
  readonly name: string;
  readonly label: string;
  readonly default: number | string | boolean | readonly never[];
  readonly range: ParameterRange;
  readonly help: string;
  /** `own`: what makes the method; `length`: which tokens count; `further`: what few runs need. */
  readonly group: 'own' | 'length' | 'further';
}

export interface MethodPreset {
  readonly id: string;
  readonly name: string;
  readonly values: Readonly<Record<string, number | string>>;
  /** Fields of the run spec under `training`. */
  readonly training: {
    readonly learningRate: number;
    readonly epochs: number;
    readonly pairsPerStep?: number;
    readonly schedule?: 'linear';
    readonly warmupRatio?: number;
  };
  /** Parameters of the model that it was found on, in full fine-tuning. */
  readonly size: number;
  readonly source: string;
}

export interface MethodEntry {
  readonly id: MethodId;
  readonly name: string;
  readonly paper: string;
  readonly formula: string;
  readonly summary: string;
  readonly whenToUse: string;
  readonly followsLength: 'strongly' | 'weakly' | 'by design not';
  readonly needsReference: boolean;
  readonly objective: 'preference' | 'supervised';
  readonly family: 'dpo' | 'other' | 'reference-free' | 'supervised';
  readonly parameters: readonly MethodParameter[];
  readonly presets: readonly MethodPreset[];
}
