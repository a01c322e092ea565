import type { FloatFormat, FunctionFactory, GraphBuilder, Value } from '../graph/types';
import { familyOf, type ModelConfig } from '../families/registry';
import { runLayers, type LayerMode, type ReadWeight } from './forward';
import { causalAttention } from './attention';
import { headValues, type HeadRequest, type HeadValues } from './log-prob';
import { rotaryOf, rotaryTables, rotaryValues } from '../families/shared/rope';
import type { LoraPlan } from './lora-plan';

// B rows, T tokens, M = B * T, N completion slots, D width, V vocabulary

/** Everything a forward pass needs to know about the tokens of B rows of T. */
export interface TokenInputs {
  readonly ids: Value; // i32 [B, T]
  readonly positions: Value; // i32 [B, T]; a shared-prefix row restarts them for the rejected response
  // i32 [B, T]: 0 prompt, 1 chosen, 2 rejected, 3 padding; token i sees token j <= i if segment j is 0 or i's own
  readonly segments: Value;
}

export interface LogProbRequest {
  readonly config: ModelConfig;
  readonly lora: LoraPlan | null;
  /**
   * The first layers, as many as this, are recomputed whole in the backward pass; of the others all but the matrix
   * products is.
   */
  readonly recomputedLayers: number;
  /** The format that layers multiply by their matrices in. */
  readonly products: FloatFormat;
  readonly tokens: TokenInputs;
  readonly completionIndex: Value; // i32 [N]: b * T + t of the token that predicts
  readonly targets: Value; // i32 [N]
  /** What the head computes beside log-probs, and what it is differentiated for. */
  readonly head: Pick<HeadRequest, 'gradient' | 'statistics' | 'collision'>;
  /**
   * Reads the reference's weights: KL(ref ‖ π) of every completion token is wanted, and costs a second forward pass.
   */
  readonly readReference: ReadWeight | null;
}

/**
 * What the head says of completion tokens [N] in shared-prefix rows. `name` keeps functions of different shapes apart.
 */
export function completionValues(
  factory: FunctionFactory,
  g: GraphBuilder,
  name: string,
  read: ReadWeight,
  request: LogProbRequest,
): HeadValues {
  const family = familyOf(request.config);
  const headName = family.headName(request.config);
  const { readReference } = request;
  const hidden = predictingStates(factory, g, name, read, request);
  const reference = readReference && {
    hidden: g.stopGradient(predictingStates(factory, g, `${name}/reference`, readReference, request)),
    head: readReference(headName),
  };
  return headValues(factory, g, name, {
    hidden,
    head: read(headName),
    targets: request.targets,
    ...request.head,
    reference,
  });
}

/** Hidden states [N, D] after the final norm; only rows that predict a completion token go through norm and head. */
function predictingStates(
  factory: FunctionFactory,
  g: GraphBuilder,
  name: string,
  read: ReadWeight,
  request: LogProbRequest,
): Value {
  const { config, lora, tokens } = request;
  const family = familyOf(config);
  const [rows, length] = tokens.ids.shape as readonly [number, number];
  const x = g.cast(g.gather(read(family.embedding), g.reshape(tokens.ids, [rows * length])), 'f32'); // [M, D]
  const mode = trainingMode(g, name, request, config, tokens);
  const { x: last } = runLayers(factory, g, { config, lora, x, rows, read, mode });
  return family.finalNorm(g, g.gather(last, request.completionIndex), config, read);
}

function trainingMode(
  g: GraphBuilder,
  name: string,
  { recomputedLayers, products }: Pick<LogProbRequest, 'recomputedLayers' | 'products'>,
  config: ModelConfig,
  tokens: TokenInputs,
): LayerMode {
  return {
    name,
    products,
    residuals: (layer) => (layer < recomputedLayers ? 'none' : 'products'),
    shared: [tokens.segments, ...rotaryValues(rotaryTables(g, config, tokens.positions))],
    perLayer: () => [],
    body: (gf, [fSegments, ...fTables]) => ({
      rotary: rotaryOf(config, fTables),
      // kept as attention takes them: neither the products they are made of nor the rotation is needed again
      attend: (q, k, v) => causalAttention(gf, gf.keep(q), gf.keep(k), gf.keep(v), fSegments!),
      extras: () => [],
    }),
  };
}
