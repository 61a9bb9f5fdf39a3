/** Runs subjects again and again as whole processes, their cases interleaved, so that drift of the machine hits all alike. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BenchReport, type Sample, summarize } from '../../core/benchmark/bench-report.ts';
import { detectable } from '../../core/benchmark/judge-change.ts';
import { HumanError } from '../../core/human-error.ts';
import { gitOf } from '../git.ts';
import { machineOf } from './machine-info.ts';
import { type RunOptions, runOnce } from './measure-run.ts';
import { type Prepare, prepare } from './prepare.ts';
import type { Case, Subject } from './target.ts';

export interface BenchProgress {
  readonly done: number;
  /** The most there will be; precise enough samples end it earlier. */
  readonly total: number;
  /** What runs now. */
  readonly what: string;
  /** At the pace so far; absent before the first run ended. */
  readonly remainingNs?: number;
}

export interface BenchOptions extends RunOptions {
  /** `auto`: as many as the noise asks for, from `fewestRuns` to `mostRuns`. */
  readonly runs: number | 'auto';
  readonly warmup: number;
  /** A program before each run, such as one that clears a cache; its time is not counted. */
  readonly prepare?: Prepare;
  readonly onProgress?: (progress: BenchProgress) => void;
}

const fewestRuns = 10;
const mostRuns = 30;
/** Automatic runs end when a change of this share would show in every case, or when this much time has gone. */
const enough = 0.05;
const mostMs = 240_000;

interface Lane {
  readonly subject: Subject;
  readonly one: Case;
  readonly data: string;
  readonly samples: Sample[];
}

/**
 * Whole-process runs with warm-up, interleaved A B B A, each subject in a data folder of its own. A report for each
 * subject, in their order. Rejects with a HumanError when a run fails (a baseline of failing runs would be worthless),
 * and with the signal's reason when cancelled.
 */
export async function benchmark(
  subjects: readonly [Subject, ...Subject[]],
  options: BenchOptions,
): Promise<readonly BenchReport[]> {
  const { runs, warmup } = options;
  if (runs !== 'auto' && !(Number.isInteger(runs) && runs >= 1))
    throw new HumanError('A benchmark needs at least one run.');
  const machine = machineOf();
  const at = new Date().toISOString();
  const gits = await Promise.all(subjects.map(({ workspace }) => gitOf(workspace)));
  const folder = await mkdtemp(join(tmpdir(), 'pipescope-bench-'));
  try {
    const lanes = subjects.flatMap((subject, index) =>
      subject.cases.map((one): Lane => ({ subject, one, data: join(folder, String(index)), samples: [] })),
    );
    const stopped = await measure(lanes, options);
    return subjects.map((subject, index) => ({
      schema: 'pipescope-bench/1',
      benchmark: `${subject.pipeline.title}`,
      pipeline: subject.pipeline.id,
      workspace: subject.workspace,
      at,
      machine,
      ...(gits[index] ? { git: gits[index] } : {}),
      warmup,
      order: orderOf(lanes.length),
      stopped,
      cases: lanes.filter((lane) => lane.subject === subject).map(({ one, samples }) => summarize(one.name, samples)),
    }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(lanes: readonly Lane[], options: BenchOptions): Promise<NonNullable<BenchReport['stopped']>> {
  const { runs, warmup, signal, onProgress } = options;
  const most = runs === 'auto' ? mostRuns : runs;
  const total = (warmup + most) * lanes.length;
  const startMs = performance.now();
  const isMany = new Set(lanes.map(({ subject }) => subject)).size > 1;
  let done = 0;
  for (let round = 0; round < warmup + most; round++) {
    const made = round - warmup;
    if (runs === 'auto' && made >= fewestRuns) {
      if (lanes.every(isPrecise)) return 'precise';
      if (performance.now() - startMs > mostMs) return 'time';
    }
    // What leaves something for another case to find comes first in the first round.
    for (const lane of round % 2 === 0 ? lanes : [...lanes].reverse()) {
      signal?.throwIfAborted();
      const what = [...(round < warmup ? ['warm-up'] : []), ...(isMany ? [lane.subject.name] : []), lane.one.name];
      const pace = done > 0 ? { remainingNs: (((performance.now() - startMs) * 1e6) / done) * (total - done) } : {};
      onProgress?.({ done, total, what: what.join(', '), ...pace });
      await prepare(options.prepare, lane.subject.workspace, signal);
      const sample = await runOnce(lane.subject, lane.one, lane.data, options);
      if (made >= 0) lane.samples.push(sample);
      done++;
    }
  }
  onProgress?.({ done, total, what: 'done', remainingNs: 0 });
  return 'runs';
}

function isPrecise({ samples }: Lane): boolean {
  const walls = samples.map(({ wallNs }) => wallNs);
  return detectable(walls, walls) <= enough;
}

/** The letters of the first two rounds: `A B B A`. */
function orderOf(lanes: number): string {
  const letters = Array.from({ length: lanes }, (_, index) => String.fromCharCode(65 + (index % 26)));
  return [...letters, ...letters.toReversed()].join(' ');
}
