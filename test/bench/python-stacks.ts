/** Measures unmodified Python programs while their stacks are read from outside, alternately with and without that. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { medianInterval } from '../../src/core/statistics/statistics.ts';
import { PythonReader } from '../../src/node/run/python-stacks/start-python-stacks.ts';
import { createTemporaryFolder } from '../fixtures/pipeline.ts';
import { type Figure, goal, medianOf } from './figure.ts';
import { type PythonProgram, pythonPrograms } from './python-programs.ts';

const dist = resolve(import.meta.dirname, '../../dist');
const pairs = 9;
const maxRatio = 1.02;

export async function pythonStacks(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const program of pythonPrograms) figures.push(await measureProgram(program));
  return figures;
}

async function measureProgram({
  name,
  text = '',
  prepare,
  parameters = ['program.py'],
}: PythonProgram): Promise<Figure> {
  const temporary = createTemporaryFolder();
  try {
    prepare?.(temporary.path);
    if (text) writeFileSync(join(temporary.path, 'program.py'), text);
    const ratios: number[] = [];
    const times: number[] = [];
    let samples = 0;
    for (let pair = -1; pair < pairs; pair++) {
      const runs: { -readonly [Kind in 'plain' | 'read']?: Run } = {};
      for (const kind of pair % 2 === 0 ? (['plain', 'read'] as const) : (['read', 'plain'] as const))
        runs[kind] = await run(parameters, temporary.path, kind === 'read');
      const { plain, read } = runs;
      // The first pair warms up.
      if (pair < 0 || !plain || !read) continue;
      ratios.push(read.wallMs / plain.wallMs);
      times.push(plain.wallMs);
      samples += read.samples;
    }
    if (samples === 0) throw new Error(`No stacks of ${name} were read. Run npm run build first.`);
    const value = medianOf(ratios);
    const { low = Number.NaN, high = Number.NaN } = medianInterval(ratios) ?? {};
    return {
      name: `stacks from outside, ${name}`,
      value,
      unit: '× wall time',
      ...goal('≤', maxRatio, value),
      how: `median of ${pairs} pairs, 95 % interval ${low.toFixed(2)} to ${high.toFixed(2)}, ${medianOf(times).toFixed(0)} ms alone, ${Math.round(samples / pairs)} samples a run`,
    };
  } finally {
    temporary.done();
  }
}

interface Run {
  readonly wallMs: number;
  readonly samples: number;
}

async function run(parameters: readonly string[], workspace: string, isRead: boolean): Promise<Run> {
  let samples = 0;
  const reader = isRead
    ? new PythonReader({
        dist,
        workspace,
        onBatch: ({ stackSamples = [] }) => {
          for (const [, count] of stackSamples) samples += count;
        },
      })
    : undefined;
  const startMs = performance.now();
  const child = spawn('python3', parameters, { cwd: workspace, stdio: 'ignore' });
  const exited = once(child, 'exit');
  if (child.pid !== undefined) reader?.setProcesses([child.pid]);
  await exited;
  const wallMs = performance.now() - startMs;
  await reader?.stop();
  return { wallMs, samples };
}
