/** One program with and without the probe in turns, as `pipescope overhead` measures it: the figure that people can repeat. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Cost } from '../../src/core/cost.ts';
import { measureOverhead } from '../../src/node/overhead.ts';
import { commandSubject } from '../../src/node/subject.ts';
import { type Figure, goal } from './figure.ts';

const dist = resolve(import.meta.dirname, '../../dist');
const runs = 9;

export interface Program {
  /** Puts what it works on into an empty folder. */
  readonly prepare: (folder: string) => void;
  readonly words: readonly [string, ...string[]];
  /** The goal: with over without. */
  readonly most: number;
}

export async function overheadOf(name: string, program: Program): Promise<Figure> {
  const { wall, withoutNs, pairs } = await costOf(program);
  const [low, high] = [wall.low.toFixed(2), wall.high.toFixed(2)];
  return {
    name,
    value: wall.ratio,
    unit: '× wall time',
    ...goal('≤', program.most, wall.ratio),
    how: `median of ${pairs} pairs, 95 % interval ${low} to ${high}, ${Math.round(withoutNs / 1e6)} ms alone`,
  };
}

/** Throws where the probe said nothing: then nothing was measured. */
export async function costOf({ prepare, words }: Omit<Program, 'most'>): Promise<Cost> {
  const workspace = mkdtempSync(join(tmpdir(), 'pipescope-bench-'));
  try {
    prepare(workspace);
    const [cost] = await measureOverhead((name, bare) => commandSubject({ words, workspace, name, bare }), {
      dist,
      runs,
      warmup: 1,
      alone: true,
      ignoreFailure: true,
    });
    if (!cost || cost.events === 0) throw new Error('The probe said nothing. Run npm run build first.');
    return cost;
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}
