/** Records one run. A snapshot can be taken at any time during the run and afterwards. */
import { Recorder } from '../../core/record/recorder.ts';
import { buildSnapshot } from '../../core/snapshot/build-snapshot.ts';
import type { Thresholds } from '../../core/snapshot/health.ts';
import { isBatch } from '../../protocol/batch/batch.ts';
import { defined } from '../../protocol/defined.ts';
import type { Run, Snapshot } from '../../protocol/snapshot.ts';
import type { TreeSample } from '../../protocol/tree-sample.ts';
import { describeExit } from './outcome.ts';
import type { Pipeline } from './pipelines.ts';
import { createGrouping, createPathDisplay } from './placement.ts';
import type { RunExit } from './run-process.ts';

/** Maximum length of the program output that is written to the log per run. */
const maxLoggedLength = 64 * 1024;

/** Facts about a run that are known before it starts. */
export type RunDescription = Omit<Run, 'startedAt' | 'durationNs' | 'result'>;

export class Recording {
  readonly #recorder: Recorder;
  readonly #pipeline: Pipeline;
  readonly #log: (line: string) => void;
  readonly #startNs: number;
  #run: Run;
  #hostNs = 0;
  #rejected = 0;
  #loggedLength = 0;

  /** @param wallStartMs epoch milliseconds at the start of the run, if it started earlier */
  constructor(pipeline: Pipeline, run: RunDescription, log: (line: string) => void, wallStartMs = Date.now()) {
    this.#startNs = nowNs() - (Date.now() - wallStartMs) * 1e6;
    this.#pipeline = pipeline;
    this.#log = log;
    this.#run = { ...run, startedAt: new Date(wallStartMs).toISOString(), durationNs: 0, result: 'running' };
    this.#recorder = new Recorder({
      ...pipeline,
      wallStartMs,
      displayPathOf: createPathDisplay(run.workspace),
      componentOf: createGrouping(pipeline.groups),
    });
  }

  /** The run with its current duration. */
  get run(): Run {
    const { result } = this.#run;
    return result === 'running' ? { ...this.#run, durationNs: nowNs() - this.#startNs } : this.#run;
  }

  /**
   * Records a message of a guest. A message that is not a batch is counted; the first one is logged.
   * @param isPast the batch covers a time without a host: it counts in totals but not in the current rates
   */
  ingest(message: unknown, isPast = false): void {
    const startNs = nowNs();
    if (isBatch(message)) this.#recorder.ingest(message, startNs - this.#startNs, isPast);
    else this.reportRejected('a malformed or oversized batch');
    this.#hostNs += nowNs() - startNs;
  }

  sampleTree(sample: TreeSample): void {
    if (this.#run.result === 'running') this.#recorder.sampleTree(sample, nowNs() - this.#startNs);
  }

  /** Logs output of the program up to a limit, and logs once that the limit is reached. */
  logOutput(stream: string, text: string): void {
    const remaining = maxLoggedLength - this.#loggedLength;
    this.#loggedLength += text.length;
    if (remaining <= 0) return;
    this.#log(`${stream}: ${text.slice(0, remaining).trimEnd()}`);
    if (text.length < remaining) return;
    this.#log(`${this.#run.pipeline} printed more than ${maxLoggedLength / 1024} KiB; further output is not logged`);
  }

  finish(exit: RunExit): Run {
    const durationNs = nowNs() - this.#startNs;
    this.#recorder.series.end(durationNs);
    this.#run = {
      ...this.#run,
      durationNs,
      ...defined({ processNs: exit.wallNs }),
      ...describeExit(this.#run, exit, this.#pipeline.refusal),
    };
    return this.#run;
  }

  /** Returns a complete snapshot. `whole` includes every operation, with histograms. */
  snapshot(generalThresholds: Thresholds, range: 'live' | 'whole'): Snapshot {
    const startNs = nowNs();
    const run = this.run;
    if (run.result === 'running') this.#recorder.series.advance(run.durationNs);
    const thresholds = { ...generalThresholds, ...defined({ minHitRatios: this.#pipeline.minHitRatios }) };
    const snapshot = buildSnapshot(this.#recorder, { run, thresholds, hostNs: this.#hostNs, range });
    this.#hostNs += nowNs() - startNs;
    return snapshot;
  }

  /** Counts data that could not be read, and logs the first time. */
  reportRejected(what: string, times = 1): void {
    this.#recorder.reject(times);
    this.#rejected += times;
    if (this.#rejected > times) return;
    this.#log(`${this.#run.pipeline} sent ${what}; it was ignored, and further ones are ignored without a message`);
  }
}

function nowNs(): number {
  return performance.now() * 1e6;
}
