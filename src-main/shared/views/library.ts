import type { DatasetColumns, DatasetFormat } from '../spec/run-spec';
import type { DatasetId, FileToken, ModelId } from '../ids';
import type { DatasetInspection } from '../data/dataset';

/** What a model's files say of it. */
export interface ModelInspection {
  readonly path: string;
  readonly family: string; // transformers' `model_type`; engine/families says which there are
  readonly name: string;
  readonly parameters: number;
  readonly layers: number;
  readonly width: number;
  readonly vocabulary: number;
  readonly contextLength: number;
  readonly source: WeightFormat;
  readonly weightTypes: readonly string[]; // the type of most weights first
  readonly bytes: number;
  readonly hasChatTemplate: boolean;
  readonly linearLayers: readonly string[]; // names that `adapter.targets` may list
  readonly notes: readonly string[]; // what its files say that is not honoured and changes no number
}

export type WeightFormat = 'safetensors' | 'gguf';

/** A model of the library; one that was added before inspections had notes has none. */
export interface ModelView extends Omit<ModelInspection, 'notes'>, Partial<Pick<ModelInspection, 'notes'>> {
  readonly id: ModelId;
  readonly starter: boolean;
  readonly addedAt: number; // ms since 1970
}

export interface DatasetView {
  readonly id: DatasetId;
  readonly path: string;
  readonly name: string;
  readonly format: Exclude<DatasetFormat, 'auto'>;
  readonly columns: DatasetColumns | null;
  readonly inspection: DatasetInspection;
  /** The model whose tokenizer measured the lengths, or null: lengths in words. */
  readonly measuredWith: ModelId | null;
  readonly starter: boolean;
  readonly addedAt: number;
  readonly usedBy: number; // runs
}

export interface PickedFile {
  readonly token: FileToken;
  readonly name: string;
  readonly displayPath: string;
  readonly bytes: number;
}
