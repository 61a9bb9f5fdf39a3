/**
 * Compares the shares that functions of ten programs have of the time according to profilers with those that were measured
 * without a profiler.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { type Figure, goal } from '../figure.ts';
import { measureShares, type PlantedProgram, type PlantedShares } from './planted-program.ts';
import { type CallNode, sharesOf } from './profile-shares.ts';
import { readProfileCalls } from './read-profile-calls.ts';
import { readSnapshotCalls } from './read-snapshot-calls.ts';

const dist = resolve(import.meta.dirname, '../../../dist');
const runRounds = join(import.meta.dirname, 'run-rounds.mjs');

export const plantedPrograms: readonly PlantedProgram[] = [
  { name: 'short functions', files: ['short.mjs'] },
  { name: 'a chain of inlined functions', files: ['chain/catalog.mjs', 'chain/price.mjs', 'chain/weigh.mjs'] },
  { name: 'recursion', files: ['recursion.mjs'] },
  { name: 'asynchronous functions', files: ['async.mjs'] },
  { name: 'two workers', files: ['workers.mjs'] },
  { name: 'garbage', files: ['garbage.mjs'] },
  { name: 'regular expressions and JSON', files: ['texts.mjs'] },
  { name: 'generators', files: ['generators.mjs'] },
  { name: 'native functions', files: ['native.mjs'] },
  { name: 'closures in a hot loop', files: ['closures.mjs'] },
];

const turns = 21;
/** Functions with a smaller share are not compared. */
const minShare = 5;
const maxDeviation = 3;

interface ProfiledProgram {
  readonly argv: readonly string[];
  readonly cwd: string;
  /** Empty folder for what the profiler writes. */
  readonly folder: string;
}

interface Profiler {
  readonly name: string;
  /** Length of the run. A profiler that takes fewer samples a second needs more time for the same accuracy. */
  readonly seconds: number;
  readonly profile: (program: ProfiledProgram, cli: string) => readonly CallNode[];
}

const pipescope = (name: string, options: readonly string[], seconds: number): Profiler => ({
  name,
  seconds,
  profile: ({ argv, cwd, folder }, cli) => {
    const file = join(folder, 'snapshot.json');
    const data = ['--data', join(folder, 'data')];
    runQuietly([cli, 'run', ...data, ...options, '--snapshot', file, '--', process.execPath, ...argv], cwd);
    return readSnapshotCalls(readFileSync(file, 'utf8'));
  },
});

const nodeProfiler: Profiler = {
  name: '--cpu-prof',
  seconds: 3,
  profile: ({ argv, cwd, folder }) => {
    runQuietly(['--cpu-prof', `--cpu-prof-dir=${folder}`, ...argv], cwd);
    const files = readdirSync(folder).filter((file) => file.endsWith('.cpuprofile'));
    return files.flatMap((file) => readProfileCalls(readFileSync(join(folder, file), 'utf8')));
  },
};

/** The first one takes a sample about every 10 ms, the others take one every millisecond. */
const profilers: readonly Profiler[] = [
  pipescope('default', [], 15),
  pipescope('--sampling fine', ['--sampling', 'fine'], 3),
  nodeProfiler,
];

function runQuietly(argv: readonly string[], cwd: string): void {
  execFileSync(process.execPath, argv, { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
}

/** Largest difference of a profile from the truth, in percentage points. */
interface Deviation {
  readonly name: string;
  readonly points: number;
}

function worstDeviation({ shares }: PlantedShares, seen: ReadonlyMap<string, number>): Deviation {
  const deviations = [...shares]
    .filter(([, share]) => share >= minShare)
    .map(([name, share]) => ({ name, points: Math.abs((seen.get(name) ?? 0) - share) }));
  const [worst] = deviations.toSorted((first, second) => second.points - first.points);
  if (!worst) throw new Error(`No function of the program has a share of at least ${minShare} %.`);
  return worst;
}

interface TruthOptions {
  /** First files of the programs to measure; all of them if it is undefined. */
  readonly files?: readonly string[] | undefined;
  /** Factor for the length of the profiled runs. */
  readonly scale?: number;
  readonly cli?: string;
}

export function truth({ files: wanted, ...options }: TruthOptions = {}): Figure[] {
  return plantedPrograms
    .filter(({ files }) => !wanted || wanted.includes(files[0]))
    .flatMap((program) => compareProfilers(program, options));
}

function compareProfilers(program: PlantedProgram, { scale = 1, cli = join(dist, 'cli.js') }: TruthOptions): Figure[] {
  const temporary = mkdtempSync(join(tmpdir(), 'pipescope-truth-'));
  try {
    const planted = measureShares(program, temporary, turns);
    const seen = profilers.map(({ seconds, profile }, index) => {
      const folder = join(temporary, `profile ${index}`);
      mkdirSync(folder);
      const rounds = Math.ceil((scale * seconds * 1000) / planted.roundMs);
      const argv = [runRounds, planted.path, String(rounds)];
      return sharesOf(profile({ argv, cwd: dirname(dirname(planted.path)), folder }, cli));
    });
    return figuresOf(program.name, planted, seen);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** Returns the figures of the default and of the fine mode, both beside Node's profiler. */
function figuresOf(name: string, planted: PlantedShares, seen: readonly ReadonlyMap<string, number>[]): Figure[] {
  const deviations = seen.map((shares) => worstDeviation(planted, shares));
  const peer = deviations.at(-1) as Deviation;
  const names = [...planted.shares.keys()];
  const list = (shares: ReadonlyMap<string, number>): string =>
    names.map((key) => (shares.get(key) ?? 0).toFixed(1)).join(', ');
  const sum = [...planted.shares.values()].reduce((total, share) => total + share, 0);
  console.error(
    `  ${name}: ${names.join(', ')}\n    truth ${list(planted.shares)}; ${seen.map((shares, index) => `${profilers[index]?.name} ${list(shares)}`).join('; ')}`,
  );
  return deviations.slice(0, -1).map(({ name: worst, points }, index) => ({
    name: `truth of ${name}, ${profilers[index]?.name}`,
    value: points,
    unit: 'points',
    against: `--cpu-prof ${peer.points.toFixed(1)} (${peer.name})`,
    ...goal('≤', maxDeviation, points),
    how: `largest difference from the true share: ${worst}, ${(planted.shares.get(worst) ?? 0).toFixed(1)} % in truth and ${(seen[index]?.get(worst) ?? 0).toFixed(1)} % in the profile. The truth is the time between timers, or the time that a round takes longer if the work is done twice, without a profiler; median of ${turns} turns; all shares are ${sum.toFixed(0)} %`,
  }));
}
