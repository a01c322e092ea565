import type { GraphBuilder, Residuals, Value } from '../graph/types';
import { familyOf } from './family';
import { runLayers, type LayerMode, type ReadWeight } from './forward';
import { attention, segmentBias } from './layers';
import { linearLogProb } from './log-prob';
import { rotaryTables } from './rope';
import type { FunctionFactory, LoraPlan, ModelConfig, TokenInputs } from './types';

// B rows, T tokens, M = B * T, N completion slots, D width, V vocabulary

export interface LogProbRequest {
  readonly config: ModelConfig;
  readonly lora: LoraPlan | null;
  readonly residuals: Residuals;
  readonly headFrozen: boolean;
  readonly tokens: TokenInputs;
  readonly completionIndex: Value; // i32 [N]: b * T + t of the token that predicts
  readonly targets: Value; // i32 [N]
}

/** Log-probs [N] of completion tokens in shared-prefix rows. `name` keeps functions of different shapes apart. */
export function completionLogProbs(factory: FunctionFactory, g: GraphBuilder, name: string, read: ReadWeight, request: LogProbRequest): Value {
  const { config, lora, tokens } = request;
  const family = familyOf(config);
  const [rows, length] = tokens.ids.shape as readonly [number, number];
  const x = g.gather(read(family.embedding), g.reshape(tokens.ids, [rows * length])); // [M, D]
  const mode = trainingMode(g, name, request.residuals, config, tokens);
  const { x: last } = runLayers(factory, g, config, lora, x, rows, read, mode);
  // only rows that predict a completion token go through norm and head
  const predicting = family.finalNorm(g, g.gather(last, request.completionIndex), config, read); // [N, D]
  return linearLogProb(factory, g, name, predicting, read(family.headName(config)), request.targets, request.headFrozen);
}

function trainingMode(g: GraphBuilder, name: string, residuals: Residuals, config: ModelConfig, tokens: TokenInputs): LayerMode {
  const { cos, sin } = rotaryTables(g, config, tokens.positions);
  return {
    name,
    residuals,
    shared: [cos, sin, segmentBias(g, tokens.segments)],
    perLayer: () => [],
    body: (gf, [fCos, fSin, fBias]) => ({
      rotary: { cos: fCos!, sin: fSin! },
      attend: (q, k, v) => attention(gf, q, k, v, fBias!),
      extras: () => [],
    }),
  };
}
