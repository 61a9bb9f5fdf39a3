/** One program with and without the probe in turns, as `pipescope overhead` measures it: the figure that people can repeat. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Cost } from '../../src/core/export/overhead-text.ts';
import { costsOf } from '../../src/node/benchmark/measure-overhead.ts';
import { benchmark } from '../../src/node/benchmark/run-benchmark.ts';
import { commandSubject } from '../../src/node/benchmark/target.ts';
import { type Figure, goal } from './figure.ts';

const dist = resolve(import.meta.dirname, '../../dist');
const runs = 9;

type Words = readonly [string, ...string[]];

/** The profiler that a language brings along. */
export interface Peer {
  readonly name: string;
  readonly words: (folder: string) => Words;
}

export interface Program {
  /** Puts what it works on into an empty folder. */
  readonly prepare: (folder: string) => void;
  readonly words: Words;
  /** In turns with ours. */
  readonly peer?: Peer;
  /** The goal: with over without. */
  readonly most: number;
}

export async function overheadOf(name: string, program: Program): Promise<Figure> {
  const { wall, withoutNs, pairs, peer } = await costOf(program);
  const [low, high] = [wall.low.toFixed(2), wall.high.toFixed(2)];
  return {
    name,
    value: wall.ratio,
    unit: '× wall time',
    ...(program.peer && peer
      ? { against: `${program.peer.name} ${peer.wall.ratio.toFixed(2)}`, ratio: peer.wall.ratio / wall.ratio }
      : {}),
    ...goal('≤', program.most, wall.ratio),
    how: `median of ${pairs} pairs, 95 % interval ${low} to ${high}, ${Math.round(withoutNs / 1e6)} ms alone`,
  };
}

/** Throws where the probe said nothing: then nothing was measured. */
export async function costOf({
  prepare,
  words,
  peer,
}: Omit<Program, 'most'>): Promise<Cost & { readonly peer?: Cost }> {
  const workspace = mkdtempSync(join(tmpdir(), 'pipescope-bench-'));
  const peerFolder = mkdtempSync(join(tmpdir(), 'pipescope-peer-'));
  const subject = (name: string, its: Words, bare: boolean) => commandSubject({ words: its, workspace, name, bare });
  try {
    prepare(workspace);
    const [without, within, beside] = await benchmark(
      [
        subject('without', words, true),
        subject('with', words, false),
        ...(peer ? [subject('peer', peer.words(peerFolder), true)] : []),
      ],
      { dist, runs, warmup: 1, alone: true, ignoreFailure: true },
    );
    const [cost] = without && within ? costsOf(without, within) : [];
    if (!cost || cost.events === 0) throw new Error('The probe said nothing. Run npm run build first.');
    const [other] = without && beside ? costsOf(without, beside) : [];
    return { ...cost, ...(other ? { peer: other } : {}) };
  } finally {
    for (const folder of [workspace, peerFolder]) rmSync(folder, { recursive: true, force: true });
  }
}
