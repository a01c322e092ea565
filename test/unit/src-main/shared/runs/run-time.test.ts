import { describe, expect, it } from 'vitest';
import { runTime, type MeasuredSpeed, type RunWork } from '../../../../../src-main/shared/runs/run-time';

const speed: MeasuredSpeed = {
  stepMs: 100,
  scoreMs: 10,
  tokenMs: 2,
  probeRows: 8,
  shapeMs: 500,
  shapes: 2,
  startMs: 1000,
  tokenizeMs: 1,
  pairsPerStep: 4,
  basis: '',
};
const work: RunWork = {
  steps: 25,
  rounds: 1,
  trainPairs: 90,
  heldPairs: 10,
  evalEvery: 10,
  probes: 6,
  probeEvery: 10,
  probeTokens: 50,
  hasReference: true,
};

describe('the time of a run', () => {
  it('adds up start, reference, steps, held-out passes and probe answers', () => {
    expect(runTime(speed, work).parts).toEqual({
      start: 1000 + 100 + 1000,
      reference: 100 * 10,
      steps: 2500,
      heldOut: 3 * 10 * 10, // after steps 10, 20 and 25
      probes: 4 * 50 * 2, // before, and after steps 10, 20 and 25
    });
    expect(runTime(speed, work).totalMs).toBe(2100 + 1000 + 2500 + 300 + 400);
  });
  it('does not count the last report twice, nor what a run has none of', () => {
    expect(runTime(speed, { ...work, steps: 20 }).parts.heldOut).toBe(200);
    const { parts } = runTime(speed, { ...work, hasReference: false, heldPairs: 0, probes: 0 });
    expect([parts.reference, parts.heldOut, parts.probes]).toEqual([0, 0, 0]);
  });
  it('counts the reference of pairs that are looked at: a short run on a large file looks at few', () => {
    const few = { ...work, steps: 5, trainPairs: 900_000 };
    expect(runTime(speed, few).parts.reference).toBe((5 * 4 + 10) * 10);
    expect(runTime(speed, { ...few, steps: 10, rounds: 2 }).parts.reference).toBe(2 * (5 * 4 + 10) * 10);
  });
  it('counts more probes than are answered together as often, and a reference pass a round', () => {
    expect(runTime(speed, { ...work, probes: 17 }).parts.probes).toBe(3 * 400);
    expect(runTime(speed, { ...work, steps: 75, rounds: 3 }).parts.reference).toBe(3000);
  });
});
