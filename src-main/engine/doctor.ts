import { smallest } from '../shared/extremes';
import { ProgramBuilder } from './graph/program';
import { openEngine, usesGpu } from './backends/registry';
import { cpuBfloat16 } from './backends/tensorflow/device';
import type { EngineChoice, EngineDoctor } from './protocol';

const enoughMs = 1000; // plain JavaScript takes seconds for one product

/**
 * What this machine trains with, and how fast: a plain product of two square float32 matrices through the same path as
 * training.
 */
export async function engineDoctor(choice: EngineChoice): Promise<EngineDoctor> {
  const { compile, info, halves } = await openEngine(choice);
  const sides = info.backend === 'tensorflow' ? [512, 1024, 2048] : [256, 512, 1024];
  const program = new ProgramBuilder();
  for (const side of sides) {
    const matrix = program.variable(`m${side}`, 'f32', [side, side]);
    program.entry(`product${side}`, (g) => {
      const m = g.read(matrix);
      return { outputs: { sum: g.sum(g.matmul(m, m, { transposeB: true }), [0, 1]) }, updates: [] };
    });
  }
  const session = await compile(program.build());
  try {
    const rates = sides.map((side) => {
      session.setVariable(
        `m${side}`,
        Float32Array.from({ length: side * side }, (_, i) => ((i * 7919) % 1000) / 1000 - 0.5),
      );
      session.run(`product${side}`, {}); // the first call compiles
      const times: number[] = [];
      const until = performance.now() + enoughMs;
      do {
        const started = performance.now();
        session.run(`product${side}`, {});
        times.push(performance.now() - started);
      } while (times.length < 5 && performance.now() < until);
      return [String(side), Math.round((2 * side ** 3) / smallest(times)! / 1e5) / 10] as const;
    });
    const more = !usesGpu(info) && halves.has('bf16') ? [cpuBfloat16] : [];
    return { engine: { ...info, devices: [...info.devices, ...more] }, sgemmGflops: Object.fromEntries(rates) };
  } finally {
    session.dispose();
  }
}
