/** Measures a program alternately with and without the probe, like `pipescope overhead`, which users can run too. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { OverheadResult } from '../../src/core/export/overhead-text.ts';
import { overheadsBetween, runSessions } from '../../src/node/benchmark/measure-overhead.ts';
import { targetOf } from '../../src/node/benchmark/target.ts';
import type { Argv } from '../../src/node/command/parse-command.ts';
import { type Figure, goal } from './figure.ts';

const dist = resolve(import.meta.dirname, '../../dist');
const defaultRuns = 9;

/** The built-in profiler of a language, for comparison. */
export interface Peer {
  readonly name: string;
  readonly command: (folder: string) => Argv;
}

export interface Program {
  /** Writes the program's files into an empty folder. */
  readonly prepare: (folder: string) => void;
  readonly argv: Argv;
  /** Measured alternately with our profiler. */
  readonly peer?: Peer;
  /** Number of pairs; 9 unless a program takes too long for that. */
  readonly runs?: number;
  /** The program may end before the probe has anything to report. */
  readonly allowsNoEvents?: boolean;
  /** Goal for the ratio of the wall time with and without the probe. */
  readonly maxRatio: number;
}

export async function measureOverheadFigure(name: string, program: Program): Promise<Figure> {
  const { wall, withoutNs, pairs, peer } = await measureCost(program);
  const [low, high] = [wall.low?.toFixed(2), wall.high?.toFixed(2)];
  return {
    name,
    value: wall.ratio,
    unit: '× wall time',
    ...(program.peer && peer
      ? { against: `${program.peer.name} ${peer.wall.ratio.toFixed(2)}`, ratio: peer.wall.ratio / wall.ratio }
      : {}),
    ...goal('≤', program.maxRatio, wall.ratio),
    how: `median of ${pairs} pairs, 95 % interval ${low} to ${high}, ${Math.round(withoutNs / 1e6)} ms alone`,
  };
}

/** Measures the overhead. Throws if the probe reported no events, because then it did not measure anything. */
export async function measureCost({
  prepare,
  argv,
  peer,
  runs = defaultRuns,
  allowsNoEvents = false,
}: Omit<Program, 'maxRatio'>): Promise<OverheadResult & { readonly peer?: OverheadResult }> {
  const workspace = mkdtempSync(join(tmpdir(), 'pipescope-bench-'));
  const peerFolder = mkdtempSync(join(tmpdir(), 'pipescope-peer-'));
  const target = (name: string, command: Argv, noProbe: boolean) =>
    targetOf({ kind: 'command', argv: command }, { workspace, name, noProbe });
  try {
    prepare(workspace);
    const [withoutProbe, withProbe, withPeer] = await runSessions(
      [
        target('without', argv, true),
        target('with', argv, false),
        ...(peer ? [target('peer', peer.command(peerFolder), true)] : []),
      ],
      { dist, runs, warmup: 1, alone: true, ignoreFailure: true },
    );
    const [cost] = withoutProbe && withProbe ? overheadsBetween(withoutProbe, withProbe) : [];
    if (!cost || (cost.events === 0 && !allowsNoEvents))
      throw new Error('The probe reported no events. Run npm run build first.');
    const [peerCost] = withoutProbe && withPeer ? overheadsBetween(withoutProbe, withPeer) : [];
    return { ...cost, ...(peerCost ? { peer: peerCost } : {}) };
  } finally {
    for (const folder of [workspace, peerFolder]) rmSync(folder, { recursive: true, force: true });
  }
}
