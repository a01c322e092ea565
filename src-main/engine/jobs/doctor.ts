import type { EngineDoctor } from '../protocol';
import { ProgramBuilder } from '../graph/program';
import type { Compile } from '../graph/types';
import { openEngine } from '../lower/choose';
import type { JobContext } from './index';
import { tickOrStop } from './signals';

/** Which engine this machine has and how fast it multiplies float32 matrices: the number that training speed follows. */
export async function doctor(_: Record<string, never>, { engine: choice, signals, emit }: JobContext): Promise<EngineDoctor> {
  const { compile, info } = await openEngine(choice);
  emit({ kind: 'engine', engine: info });
  const sides = info.backend === 'tensorflow' ? [1024, 2048] : info.backend === 'wasm' ? [512, 1024] : [256];
  const sgemmGflops: Record<string, number> = {};
  for (const side of sides) {
    await tickOrStop(signals);
    sgemmGflops[side] = await measureSgemm(compile, side);
  }
  return { engine: info, sgemmGflops };
}

const secondsPerSide = 1;

/** The best of as many products as fit into a second: what the machine can do when nothing else runs. */
async function measureSgemm(compile: Compile, side: number): Promise<number> {
  const program = new ProgramBuilder();
  const [a, b] = [program.variable('a', 'f32', [side, side]), program.variable('b', 'f32', [side, side])];
  program.entry('multiply', (g) => ({ outputs: { corner: g.slice(g.matmul(g.read(a), g.read(b)), [0, 0], [1, 1]) }, updates: [] }));
  const session = await compile(program.build());
  try {
    const values = Float32Array.from({ length: side * side }, (_, i) => ((i * 7919) % 1000) / 1000);
    session.setVariable('a', values);
    session.setVariable('b', values);
    session.run('multiply', {}); // the first call optimizes the graph
    let best = Infinity;
    const until = performance.now() + 1000 * secondsPerSide;
    do {
      const started = performance.now();
      session.run('multiply', {});
      best = Math.min(best, performance.now() - started);
    } while (performance.now() < until);
    return Math.round((2 * side ** 3) / (best * 1e6) * 10) / 10;
  } finally {
    session.dispose();
  }
}
