import type { DatasetColumns, DatasetFormat } from '../spec/run-spec';

export type Role = 'system' | 'developer' | 'user' | 'assistant' | 'tool';
/**
 * A turn of a conversation; beside role and text what else the file says of it and a chat template may read:
 * tool_calls, name, … as they are.
 */
export interface Message {
  readonly role: Role;
  readonly content: string;
  readonly [more: string]: unknown;
}

/**
 * A prompt is plain text or a conversation; the responses follow it. `tools` are what the template is told the model
 * may call.
 */
export type PromptInput =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'messages'; readonly messages: readonly Message[]; readonly tools?: readonly unknown[] };

/** Text after a text prompt; after a conversation the turns that follow it, usually one. */
export type Answer = string | readonly Message[];

export interface PreferencePair {
  readonly row: number; // 1-based position in the file
  readonly prompt: PromptInput;
  readonly chosen: Answer;
  readonly rejected: Answer;
}

/** Part of a file's pairs, as text: those that a search finds, counted, and a page of them. */
export interface DatasetRows {
  readonly total: number;
  readonly rows: readonly PairText[];
}
export interface PairText extends Pick<PreferencePair, 'row'> {
  readonly prompt: string;
  readonly chosen: string;
  readonly rejected: string;
}

/** Why a row is left out. */
export type RowProblemCode =
  | 'not-json'
  | 'not-an-object'
  | 'two-systems'
  | 'missing-field'
  | 'wrong-type'
  | 'unknown-role'
  | 'unsupported-content'
  | 'not-a-number'
  | 'empty-response'
  | 'identical-responses'
  | 'prompts-differ'
  | 'template-refuses'
  | 'same-after-template'
  | 'same-after-cut'
  | 'prompt-too-long'
  | 'dropped-too-long';

export interface RowProblem<Code extends string = RowProblemCode> {
  readonly row: number;
  readonly field: string;
  readonly code: Code;
  readonly message: string;
}

/** All rows with one problem: how many, and the first of them. */
export interface ProblemGroup<Code extends string = RowProblemCode> {
  readonly code: Code;
  readonly field: string;
  readonly count: number;
  readonly rows: readonly number[]; // the first `rowsInGroup`
  readonly message: string; // what the first row's problem says
}
export const rowsInGroup = 20;
/** Rows that `problems` lists of one reason; `problemGroups` counts all of them. */
export const problemsListed = 1000;

/** What is worth a look in rows that are used: the same pair twice, or once more with the answers exchanged. */
export type RowWarningCode = 'duplicate' | 'swapped';

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
  readonly lengthOnlyAccuracy: number; // the better of "prefer longer" and "prefer shorter"
  readonly lengthOnlyRule: 'longer' | 'shorter';
  readonly lengthOnlyInterval: readonly [number, number]; // Wilson 95 %
  /** Histograms share `binWidth` and start at 0; `delta` starts at `deltaStart`. */
  readonly histogram: {
    readonly binWidth: number;
    readonly chosen: readonly number[];
    readonly rejected: readonly number[];
  };
  readonly deltaHistogram: { readonly binWidth: number; readonly start: number; readonly counts: readonly number[] };
  readonly duplicatePrompts: number;
}

export interface DatasetInspection {
  readonly format: Exclude<DatasetFormat, 'auto'>;
  readonly rows: number;
  readonly usable: number;
  /** In row order; of each reason at most `problemsListed`. */
  readonly problems: readonly RowProblem[];
  /** By reason, the most frequent first: their counts and `usable` add up to `rows`. */
  readonly problemGroups: readonly ProblemGroup[];
  /** Rows that are used all the same. */
  readonly warnings: readonly ProblemGroup<RowWarningCode>[];
  /** Sentences about the file: columns that nobody reads, roles read as others. */
  readonly notes: readonly string[];
  readonly profile: LengthProfile | null; // null: no usable row
  readonly verdict: string;
}

/** A file's columns before anybody has said what they are. */
export interface FileColumns {
  readonly columns: readonly FileColumn[];
  /** The shape the file has under its own names; null: roles are needed. */
  readonly format: Exclude<DatasetFormat, 'auto'> | null;
  /** Roles by names and contents, where the file has no known shape; null: none that make a pair. */
  readonly suggested: DatasetColumns | null;
}
export interface FileColumn {
  readonly name: string;
  readonly holds: 'text' | 'messages' | 'number' | 'other';
  readonly samples: readonly string[]; // of the first three rows, as text, shortened
}

/** One pair as the model sees it. `kind` tells where each token belongs; `cut` ones were truncated away. */
export interface PairPreview {
  readonly row: number;
  readonly tokens: readonly {
    readonly text: string;
    readonly id: number;
    readonly part: 'prompt' | 'chosen' | 'rejected';
    readonly cut: boolean;
    readonly kept: boolean;
  }[];
  readonly promptTokens: number;
  readonly chosenTokens: number;
  readonly rejectedTokens: number;
}
