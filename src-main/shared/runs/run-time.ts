/** How fast this machine was at a few calls of a run: milliseconds, by what they are spent on. */
export interface MeasuredSpeed {
  readonly stepMs: number; // of an average step
  readonly scoreMs: number; // of a pair without gradient: reference and held-out passes
  readonly tokenMs: number; // of a token of all probes that are answered together
  readonly probeRows: number; // probes answered together
  readonly shapeMs: number; // what the first calls of a shape take beside their work, once a shape
  readonly shapes: number;
  readonly startMs: number; // until the program and its weights are there
  readonly tokenizeMs: number; // of a pair
  readonly pairsPerStep: number;
  readonly basis: string; // what was measured: "3 steps of 4 pairs with 168 tokens"
}

/** How much of each there is in a run. */
export interface RunWork {
  readonly steps: number;
  readonly rounds: number;
  readonly trainPairs: number;
  readonly heldPairs: number;
  readonly evalEvery: number;
  readonly probes: number;
  readonly probeEvery: number;
  readonly probeTokens: number; // an answer's expected length
  readonly hasReference: boolean; // scored before each round
}

export interface RunTime {
  readonly totalMs: number;
  readonly parts: {
    readonly start: number;
    readonly reference: number;
    readonly steps: number;
    readonly heldOut: number;
    readonly probes: number;
  };
}

/**
 * What a run takes, from what a few of its calls took. Reports come every so many steps and after the last one; probes
 * also before the first.
 */
export function runTime(speed: MeasuredSpeed, work: RunWork): RunTime {
  const pairs = work.trainPairs + work.heldPairs;
  // a short run on a large file looks at few of its pairs, and only those have a reference
  const scored = Math.min(work.trainPairs, (work.steps / work.rounds) * speed.pairsPerStep) + work.heldPairs;
  const evaluations = work.heldPairs === 0 ? 0 : Math.ceil(work.steps / work.evalEvery);
  const answers = work.probes === 0 ? 0 : 1 + Math.ceil(work.steps / work.probeEvery);
  const parts = {
    start: speed.startMs + speed.tokenizeMs * pairs + speed.shapeMs * speed.shapes,
    reference: work.hasReference ? work.rounds * speed.scoreMs * scored : 0,
    steps: work.steps * speed.stepMs,
    heldOut: evaluations * work.heldPairs * speed.scoreMs,
    probes: answers * Math.ceil(work.probes / Math.max(1, speed.probeRows)) * work.probeTokens * speed.tokenMs,
  };
  return { totalMs: Object.values(parts).reduce((sum, ms) => sum + ms, 0), parts };
}
