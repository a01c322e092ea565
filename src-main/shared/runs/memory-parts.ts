/** What a training process holds at its peak, in bytes; the parts add up to the estimate. */
export interface MemoryParts {
  readonly runtime: number;
  readonly parameters: number;
  readonly adapters: number;
  readonly optimizer: number;
  readonly gradients: number;
  readonly liveReference: number;
  readonly activations: number;
  readonly logits: number;
  readonly updates: number;
  readonly generation: number;
  readonly graphs: number;
  readonly transfer: number;
}

/** A name and a sentence for every part, in the order they are shown. */
export const memoryPartWords: { readonly [P in keyof MemoryParts]: readonly [label: string, sentence: string] } = {
  runtime: ['Program', 'The engine process and its computing library, before any model.'],
  parameters: ['Model', 'All weights of the model, in the number format they are kept in.'],
  adapters: ['Adapter', 'The LoRA matrices that are trained.'],
  optimizer: ['Optimizer', 'Adam’s two running means of every trained number.'],
  gradients: ['Gradients', 'The sum of a step’s gradients, one for every trained number.'],
  liveReference: [
    'Reference',
    'A second copy of the trained weights, for methods whose reference is in use while training.',
  ],
  activations: ['Activations', 'What the layers’ forward pass keeps for the backward pass, for the longest rows.'],
  logits: ['Logits', 'Scores of the whole vocabulary, for some tokens at a time.'],
  updates: ['Updates', 'The clipped gradients, while an update is applied.'],
  generation: ['Probes', 'Keys and values of the answers to probe prompts.'],
  graphs: ['Graphs', 'Compiled programs of further row lengths.'],
  transfer: ['Transfer', 'Weights on their way into the library, or into a checkpoint.'],
};
