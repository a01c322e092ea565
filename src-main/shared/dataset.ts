import type { DatasetFormat } from './run-spec';

export type Role = 'system' | 'user' | 'assistant' | 'tool';
export interface Message {
  readonly role: Role;
  readonly content: string;
}

/** A prompt is plain text or a conversation; the responses follow it. */
export type PromptInput = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'messages'; readonly messages: readonly Message[] };

export interface PreferencePair {
  readonly row: number; // 1-based position in the file
  readonly prompt: PromptInput;
  readonly chosen: string;
  readonly rejected: string;
}

export type RowProblemCode =
  | 'not-json' | 'not-an-object' | 'missing-field' | 'wrong-type' | 'empty-response' | 'identical-responses' | 'prompts-differ' | 'prompt-too-long' | 'dropped-too-long';

export interface RowProblem {
  readonly row: number;
  readonly field: string;
  readonly code: RowProblemCode;
  readonly message: string;
}

export interface LengthSummary {
  readonly mean: number;
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Lengths of both sides: tokens where a model is given, otherwise words (`unit` says which). */
export interface LengthProfile {
  readonly unit: 'tokens' | 'words';
  readonly pairs: number;
  readonly prompt: LengthSummary;
  readonly chosen: LengthSummary;
  readonly rejected: LengthSummary;
  readonly chosenLonger: number; // share of pairs
  readonly equal: number;
  readonly lengthOnlyAccuracy: number; // methods.md 4: the better of "prefer longer" and "prefer shorter"
  readonly lengthOnlyRule: 'longer' | 'shorter';
  readonly lengthOnlyInterval: readonly [number, number]; // Wilson 95 %
  /** Histograms share `binWidth` and start at 0; `delta` starts at `deltaStart`. */
  readonly histogram: { readonly binWidth: number; readonly chosen: readonly number[]; readonly rejected: readonly number[] };
  readonly deltaHistogram: { readonly binWidth: number; readonly start: number; readonly counts: readonly number[] };
  readonly duplicatePrompts: number;
}

export interface DatasetInspection {
  readonly format: Exclude<DatasetFormat, 'auto'>;
  readonly rows: number;
  readonly usable: number;
  readonly problems: readonly RowProblem[];
  readonly profile: LengthProfile | null; // null: no usable row
  readonly verdict: string;
}

/** One pair as the model sees it. `kind` tells where each token belongs; `cut` ones were truncated away. */
export interface PairPreview {
  readonly row: number;
  readonly tokens: readonly { readonly text: string; readonly id: number; readonly part: 'prompt' | 'chosen' | 'rejected'; readonly cut: boolean; readonly kept: boolean }[];
  readonly promptTokens: number;
  readonly chosenTokens: number;
  readonly rejectedTokens: number;
}
