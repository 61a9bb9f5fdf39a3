/** Records one run. A snapshot can be taken at any time during the run and afterwards. */
import { Recorder } from '../../core/record/recorder.ts';
import { buildSnapshot, snapshotSteps } from '../../core/snapshot/build-snapshot.ts';
import type { Thresholds } from '../../core/snapshot/health.ts';
import { type FileLines, linesOfFile } from '../../core/stacks/file-lines.ts';
import type { StackReference } from '../../core/stacks/stack-comparison.ts';
import { buildStackView, findStackFunction } from '../../core/stacks/stack-view.ts';
import type { DroppedRecords } from '../../protocol/batch/batch.ts';
import { callsIn, salvageBatch } from '../../protocol/batch/salvage-batch.ts';
import type { ExactTarget } from '../../protocol/control.ts';
import { defined } from '../../protocol/defined.ts';
import type { FunctionLocation, StackSelection, StackView } from '../../protocol/panel/stack-view.ts';
import type { Run, Snapshot } from '../../protocol/snapshot.ts';
import type { Stacks } from '../../protocol/stacks.ts';
import type { TreeSample, TreeUsage } from '../../protocol/tree-sample.ts';
import { ExactOutcome } from './exact/exact-outcome.ts';
import { describeExit, describeUnfinished } from './outcome.ts';
import type { Pipeline } from './pipelines.ts';
import { createGrouping, createPathDisplay } from './placement.ts';
import type { RunExit } from './run-process.ts';

/** Maximum length of the program output that is written to the log per run. */
const maxLoggedLength = 64 * 1024;

/** Single calls and items are sent once, and a series is placed when its batch arrives. */
const resumedNotice =
  'The window was reloaded during the run. Charts, the timeline and the list of files cover the time since then; totals, percentiles and histograms cover the whole run.';

/** Difference between two clocks that is not worth a correction. */
const clockToleranceNs = 2e9;

/** Facts about a run that are known before it starts. */
export type RunDescription = Omit<Run, 'startedAt' | 'durationNs' | 'result'>;

export class Recording {
  readonly #recorder: Recorder;
  readonly #pipeline: Pipeline;
  readonly #log: (line: string) => void;
  readonly #exact: ExactOutcome;
  #startNs: number;
  #run: Run;
  #hostNs = 0;
  #rejected = 0;
  #loggedLength = 0;

  /** @param wallStartMs epoch milliseconds at the start of the run, if it started earlier */
  constructor(pipeline: Pipeline, run: RunDescription, log: (line: string) => void, wallStartMs = Date.now()) {
    // The wall clock may have been set back since then, but no run starts in the future.
    this.#startNs = nowNs() - Math.max(0, Date.now() - wallStartMs) * 1e6;
    this.#pipeline = pipeline;
    this.#log = log;
    this.#run = { ...run, startedAt: new Date(wallStartMs).toISOString(), durationNs: 0, result: 'running' };
    const displayPathOf = createPathDisplay(run.workspace);
    this.#exact = new ExactOutcome(displayPathOf);
    this.#recorder = new Recorder({
      ...pipeline,
      wallStartMs,
      displayPathOf,
      componentOf: createGrouping(pipeline.groups),
    });
  }

  /** The run with its current duration. */
  get run(): Run {
    const { result } = this.#run;
    return result === 'running' ? { ...this.#run, durationNs: nowNs() - this.#startNs } : this.#run;
  }

  /** Sets the functions to be timed exactly. Those that no process has found by the end of the run get a notice. */
  expectExact(targets: readonly ExactTarget[], isLate = false): void {
    this.#exact.configure(targets, isLate);
  }

  addNotice(notice: string | undefined): void {
    if (notice !== undefined) this.#recorder.notices.add([notice]);
  }

  /** States what is missing because an earlier host recorded the start of the run. */
  describeResumed(): void {
    this.#recorder.notices.add([resumedNotice]);
  }

  /** Adds the commit of the workspace, which is read while the program starts. */
  describeGit(git: Run['git']): void {
    this.#run = { ...this.#run, ...defined({ git }) };
  }

  /**
   * Records a message of a guest, as far as it is valid. A message that is not a batch is counted; the first one is logged.
   * @param isPast the batch covers a time without a host: it counts in totals but not in the current rates
   */
  ingest(message: unknown, isPast = false): void {
    const startNs = nowNs();
    const batch = salvageBatch(message);
    this.#exact.ingest(batch?.exact);
    if (batch) this.#recorder.ingest(batch, startNs - this.#startNs, isPast);
    else this.reportRejected('a malformed or oversized batch', 1, { calls: callsIn(message) });
    this.#hostNs += nowNs() - startNs;
  }

  /**
   * Corrects the start of the run, if the wall clock was set since then.
   * @param elapsedMs time since the start by a clock that cannot be set
   */
  setElapsed(elapsedMs: number): void {
    const startNs = nowNs() - elapsedMs * 1e6;
    if (Math.abs(startNs - this.#startNs) > clockToleranceNs) this.#startNs = startNs;
  }

  sampleTree(sample: TreeSample): void {
    if (this.#run.result === 'running') this.#recorder.sampleTree(sample, nowNs() - this.#startNs);
  }

  /** Records what the process tree has used from its start until now. */
  addUsage(usage: TreeUsage): void {
    if (this.#run.result === 'running') this.#recorder.addUsage(usage);
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
    if (exit.usage) this.#recorder.addUsage(exit.usage);
    this.#recorder.endLaunchers(durationNs);
    this.#recorder.series.end(durationNs);
    this.#recorder.notices.add(describeUnfinished(this.#recorder.sources.unfinished()));
    const called = [...this.#recorder.operations.values()].filter(({ count }) => count > 0);
    this.#recorder.notices.add(this.#exact.notices(called.map(({ definition }) => definition)));
    this.#run = {
      ...this.#run,
      durationNs,
      ...defined({ processNs: exit.wallNs }),
      ...describeExit(this.#run, exit, this.#pipeline.refusal),
    };
    return this.#run;
  }

  /** Returns a complete snapshot. `whole` includes every operation, with histograms. */
  snapshot(thresholds: Thresholds, range: 'live' | 'whole'): Snapshot {
    const startNs = nowNs();
    const snapshot = buildSnapshot(this.#recorder, this.#snapshotOptions(thresholds, range));
    this.#hostNs += nowNs() - startNs;
    return snapshot;
  }

  /** Returns the stacks of a part of the run, or of all of it. Undefined if none were sampled. */
  stacks(range?: StackSelection['range']): Stacks | undefined {
    return this.#recorder.stacks(range);
  }

  /** Returns the stacks by the name and the local time of the start of the run; undefined if none were sampled. */
  stackReference(): StackReference | undefined {
    const stacks = this.stacks();
    const { title, startedAt } = this.#run;
    return stacks && { name: `${title}, ${new Date(startedAt).toLocaleTimeString()}`, stacks };
  }

  /** Returns the selected stacks, or undefined if none were sampled. */
  stackView(selection: StackSelection, reference?: StackReference): StackView | undefined {
    const startNs = nowNs();
    const { range } = selection;
    const stacks = this.stacks(range);
    const slices = () => this.#recorder.sources.stackSlices(range);
    const view = stacks && buildStackView(stacks, selection, { reference, slices });
    this.#hostNs += nowNs() - startNs;
    return view;
  }

  /** Returns the ID of a function in the stacks, or undefined if it was not sampled. */
  findStackFunction(location: FunctionLocation): number | undefined {
    return findStackFunction(this.#recorder.stackFunctions.list(), location);
  }

  /** Returns the cost of the lines of a file, named as in the snapshot; undefined if no line was sampled. */
  linesOf(file: string): FileLines | undefined {
    const stacks = this.stacks();
    return stacks && linesOfFile(stacks, file);
  }

  /** Builds the same snapshot as `snapshot` does for the range `whole`, in short steps. */
  snapshotSteps(thresholds: Thresholds): Generator<void, Snapshot> {
    return snapshotSteps(this.#recorder, this.#snapshotOptions(thresholds, 'whole'));
  }

  #snapshotOptions(generalThresholds: Thresholds, range: 'live' | 'whole'): Parameters<typeof buildSnapshot>[1] {
    const run = this.run;
    if (run.result === 'running') this.#recorder.series.advance(run.durationNs);
    const thresholds = { ...generalThresholds, ...defined({ minHitRatios: this.#pipeline.minHitRatios }) };
    return { run, thresholds, hostNs: this.#hostNs, range };
  }

  /** Counts data that could not be read, with the calls and values in it as far as they are known. Logs the first time. */
  reportRejected(what: string, times = 1, records: DroppedRecords = {}): void {
    this.#recorder.reject({ batches: times, ...records });
    this.#recorder.notices.add([`Received ${what}, which was ignored.`]);
    this.#rejected += times;
    if (this.#rejected > times) return;
    this.#log(`${this.#run.pipeline} sent ${what}; it was ignored, and further ones are ignored without a message`);
  }
}

function nowNs(): number {
  return performance.now() * 1e6;
}
