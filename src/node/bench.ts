/** Runs a pipeline again and again as whole processes, its cases interleaved, so that drift of the machine hits all alike. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BenchReport, summarize } from '../core/benchmark.ts';
import { HumanError } from '../core/error.ts';
import { gitOf } from './git.ts';
import type { Pipeline } from './launch.ts';
import { machineOf } from './machine.ts';
import { Session } from './session.ts';

export interface BenchProgress {
  readonly done: number;
  readonly total: number;
  /** What runs now. */
  readonly what: string;
  /** At the pace so far; absent before the first run ended. */
  readonly remainingNs?: number;
}

export interface BenchOptions {
  readonly pipeline: Pipeline;
  readonly workspace: string;
  readonly dist: string;
  readonly runs: number;
  readonly warmup: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: BenchProgress) => void;
  readonly log?: (line: string) => void;
}

/** The cases of a pipeline: from nothing, and again with everything known; a program of a person's own has just one. */
function casesOf({ program }: Pipeline): readonly { readonly name: string; readonly cold: boolean }[] {
  if (program) return [{ name: 'run', cold: false }];
  return [
    { name: 'cold', cold: true },
    { name: 'no change', cold: false },
  ];
}

interface Sample {
  readonly wallNs: number;
  readonly cpuNs: number;
  readonly peakRssBytes: number;
}

/**
 * Whole-process runs with warm-up, interleaved A B B A, in a data folder of their own. Rejects with a HumanError when a
 * run fails (a baseline of failing runs would be worthless), and with the signal's reason when cancelled.
 */
export async function benchmark(options: BenchOptions): Promise<BenchReport> {
  const { pipeline, workspace, runs, warmup } = options;
  if (!(Number.isInteger(runs) && runs >= 1)) throw new HumanError('A benchmark needs at least one run.');
  const cases = casesOf(pipeline);
  const data = await mkdtemp(join(tmpdir(), 'pipescope-bench-'));
  const machine = machineOf();
  const git = await gitOf(workspace);
  const samples = new Map<string, Sample[]>(cases.map(({ name }) => [name, []]));
  const startNs = performance.now() * 1e6;
  const total = (warmup + runs) * cases.length;
  let done = 0;
  try {
    for (let round = 0; round < warmup + runs; round++) {
      // The cold run comes first in the first round: it leaves what the other one needs.
      for (const one of round % 2 === 0 ? cases : [...cases].reverse()) {
        options.signal?.throwIfAborted();
        const what = round < warmup ? `warm-up, ${one.name}` : one.name;
        const pace = done > 0 ? { remainingNs: ((performance.now() * 1e6 - startNs) / done) * (total - done) } : {};
        options.onProgress?.({ done, total, what, ...pace });
        const sample = await runOnce(options, data, one.cold);
        if (round >= warmup) samples.get(one.name)?.push(sample);
        done++;
      }
    }
  } finally {
    await rm(data, { recursive: true, force: true });
  }
  options.onProgress?.({ done, total, what: 'done', remainingNs: 0 });
  return {
    schema: 'pipescope-bench/1',
    benchmark: `${pipeline.id} pipeline`,
    pipeline: pipeline.id,
    workspace,
    at: new Date().toISOString(),
    machine,
    ...(git ? { git } : {}),
    warmup,
    cases: cases.map(({ name }) => summarize(name, samples.get(name) ?? [])),
  };
}

async function runOnce(options: BenchOptions, data: string, cold: boolean): Promise<Sample> {
  const { dist, pipeline, workspace, signal } = options;
  const session = new Session({ dist, data, log: options.log ?? (() => undefined) });
  const stop = (): void => void session.stop();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    const { run, resources } = await session.run(pipeline, workspace, { cold });
    signal?.throwIfAborted();
    if (run.result !== 'success') {
      throw new HumanError(`The benchmark ended because a run did: ${run.message ?? run.result}`);
    }
    return { wallNs: run.durationNs, cpuNs: resources.cpuNs, peakRssBytes: resources.peakRssBytes };
  } finally {
    signal?.removeEventListener('abort', stop);
    session.dispose();
  }
}
