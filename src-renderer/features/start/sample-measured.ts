/**
 * What the sample measures with its own 40 probes (resources/starter/README.md, "What the comparison shows"; `npx sampo
 * sample` repeats it): mean tokens of an answer before and after 150 steps, with the 95 % interval of the change, and
 * accuracy on held-out pairs whose better answer is the shorter one.
 */
export const sampleMeasured = [
  { method: 'DPO', before: 17.6, after: 28.6, change: [7, 15], chosenShorter: 0.56 },
  { method: 'SamPO', before: 17.6, after: 20.3, change: [-0.4, 5.9], chosenShorter: 0.83 },
] as const;
