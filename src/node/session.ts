/** Runs one pipeline or program at a time, records it and publishes snapshots. */
import { HumanError, messageOf } from '../core/human-error.ts';
import { defaultThresholds } from '../core/snapshot/health.ts';
import type { FileLines } from '../core/stacks/file-lines.ts';
import { FixedStacks, type StackSource } from '../core/stacks/fixed-stacks.ts';
import type { StackReference } from '../core/stacks/stack-comparison.ts';
import type { ProbeConfig } from '../protocol/control.ts';
import { defined } from '../protocol/defined.ts';
import type { Phase } from '../protocol/panel/panel-message.ts';
import type { FunctionLocation, StackSelection, StackView } from '../protocol/panel/stack-view.ts';
import type { Snapshot } from '../protocol/snapshot.ts';
import { type BeginOptions, type BegunRun, beginRun } from './detached/begin-run.ts';
import { eventsFor } from './detached/run-events.ts';
import { hasParentInCollector } from './otlp/send/collector.ts';
import { buildPipelineLaunch, type EnvironmentListener, type LaunchSpec } from './run/launch-spec.ts';
import type { Pipeline } from './run/pipelines.ts';
import type { Recording } from './run/recording.ts';
import type { RunExit } from './run/run-process.ts';
import { startUpdates } from './run/start-updates.ts';
import { runInSlices } from './run-in-slices.ts';
import type { SessionState } from './session-state.ts';

export type SessionOptions = BeginOptions;

/** A run that an earlier host had started. */
export interface ResumedRun {
  readonly launch: LaunchSpec;
  /** Settles like the result of `Session.launch`. */
  readonly snapshot: Promise<Snapshot>;
}

export interface RunOptions {
  /** Discards what the pipeline has kept from earlier runs. */
  readonly cold?: boolean;
  /** File to which the pipeline writes its result. */
  readonly result?: string;
  /** Additional arguments of the pipeline. */
  readonly args?: readonly string[];
}

export class Session implements StackSource {
  readonly #options: SessionOptions;
  readonly #listeners = new Set<() => void>();
  #state: SessionState = { phase: 'idle' };
  #snapshot: Snapshot | undefined;
  /** Stacks at the moment of the pause, like the snapshot. */
  #frozenStacks: StackSource | undefined;
  #previousStacks: StackReference | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  get phase(): Phase {
    return this.#state.phase;
  }

  /** True if the snapshot of the current run is frozen. */
  get paused(): boolean {
    return 'isPaused' in this.#state && this.#state.isPaused;
  }

  /** Resolves when the current run has started, or is no longer starting. */
  get started(): Promise<void> {
    return new Promise((resolve) => {
      const subscription = this.onChange(() => {
        if (this.phase === 'starting') return;
        subscription.dispose();
        resolve();
      });
    });
  }

  /** Message about the failure of the last run, or undefined if it did not fail. */
  get problem(): string | undefined {
    return this.#state.phase === 'failed' ? this.#state.problem : undefined;
  }

  /** The newest snapshot. It is frozen while the session is paused, and kept after the run. */
  get snapshot(): Snapshot | undefined {
    return this.#snapshot;
  }

  /** Runs a built-in pipeline on a workspace. Settles like `launch`. */
  run(pipeline: Pipeline, workspace: string, options: RunOptions = {}): Promise<Snapshot> {
    const { dist, data } = this.#options;
    return this.launch(buildPipelineLaunch(pipeline, { dist, data, workspace, ...options }));
  }

  /**
   * Starts and records a run. Resolves with the last snapshot once the run has ended, whether it succeeded or not (see
   * `snapshot.run.result` and `.message`). Rejects with a HumanError if the run could not be started.
   */
  async launch(launch: LaunchSpec, probeConfig: Partial<ProbeConfig> = {}): Promise<Snapshot> {
    if (this.#isBusy) {
      const title = this.#state.phase === 'starting' ? this.#state.title : this.#state.recording?.run.title;
      throw new HumanError(`${title ?? 'A pipeline'} is already running. Stop it first.`);
    }
    this.#begin(launch);
    return this.#track(launch, async () => {
      const started = await beginRun(launch, probeConfig, this.#options);
      started.recording.expectExact(probeConfig.exact ?? []);
      return started;
    });
  }

  /**
   * Continues a run that an earlier process with the same data folder has left. Returns undefined if there is none.
   * @param maxWaitMs maximum time to wait for a run that another host still holds
   */
  async resumeRun(onEnvironment: EnvironmentListener, maxWaitMs = 0): Promise<ResumedRun | undefined> {
    const { data, log } = this.#options;
    const [{ Recording }, { findDetachedRun }] = await Promise.all([
      import('./run/recording.ts'),
      import('./detached/detached-run.ts'),
    ]);
    const resumed = await findDetachedRun({
      data,
      log,
      maxWaitMs,
      onEnvironment,
      isWanted: () => !this.#isBusy,
      createRecording: ({ launch, run, startedAt }) => {
        const recording = new Recording(launch.pipeline, run, log, Date.parse(startedAt));
        recording.describeResumed();
        return recording;
      },
      createEvents: (recording, launch) => eventsFor(recording, launch, this.#options),
    });
    if (!resumed) return undefined;
    this.#begin(resumed.launch);
    return { launch: resumed.launch, snapshot: this.#track(resumed.launch, async () => resumed) };
  }

  /** Sends a new configuration to the probes of the current run. */
  configure(probeConfig: ProbeConfig): void {
    if (!('handle' in this.#state)) return;
    this.#state.recording.expectExact(probeConfig.exact, true);
    this.#state.handle.configure(probeConfig);
  }

  /** Ends the current run and all its processes. The recorded data is kept. */
  async stop(): Promise<void> {
    if (this.#state.phase === 'starting') this.#state = { ...this.#state, isStopRequested: true };
    if (this.#state.phase !== 'running') return;
    this.#setState({ ...this.#state, phase: 'stopping' });
    await this.#state.handle.child.stop();
  }

  /** Sends a signal to the program of the current run, but not to its descendants. */
  forwardSignal(name: NodeJS.Signals): void {
    if ('handle' in this.#state) this.#state.handle.child.kill(name);
    if ('signals' in this.#state) this.#state = { ...this.#state, signals: [...this.#state.signals, name] };
  }

  /** Freezes the snapshot. The run continues to be recorded. */
  pause(): void {
    if ('isPaused' in this.#state) this.#state = { ...this.#state, isPaused: true };
    const stacks = this.#state.recording?.stacks();
    this.#frozenStacks = stacks && new FixedStacks(stacks);
    this.#notify();
  }

  /** Continues to update the snapshot after `pause`. */
  resume(): void {
    if ('isPaused' in this.#state) this.#state = { ...this.#state, isPaused: false };
    this.#frozenStacks = undefined;
    this.#updateSnapshot();
  }

  /** Discards the data of the last run. Does not affect a run in progress. */
  clear(): void {
    if (this.#isBusy) return;
    this.#snapshot = undefined;
    this.#previousStacks = undefined;
    this.#setState({ phase: 'idle' });
  }

  /** Returns an up-to-date snapshot with all histograms, even while paused. Throws a HumanError if there is no data. */
  exportSnapshot(): Snapshot {
    return this.#requireRecording().snapshot(defaultThresholds, 'whole');
  }

  /** Returns the same snapshot as `exportSnapshot` without blocking the event loop. */
  async exportSnapshotInSlices(): Promise<Snapshot> {
    return runInSlices(this.#requireRecording().snapshotSteps(defaultThresholds));
  }

  /** Returns the selected stacks of the current or last run now, or undefined if none were sampled. */
  stackView(selection: StackSelection, reference?: StackReference): StackView | undefined {
    return this.#shownStacks?.stackView(selection, reference);
  }

  /** Returns the ID of a function in the stacks of the current or last run, or undefined if it was not sampled. */
  findStackFunction(location: FunctionLocation): number | undefined {
    return this.#shownStacks?.findStackFunction(location);
  }

  /** Returns the cost of the lines of a file, named as in the snapshot; undefined if no line was sampled. */
  linesOf(file: string): FileLines | undefined {
    return this.#shownStacks?.linesOf(file);
  }

  /** Stacks of the run before the current or last one, if some were sampled. */
  get previousStacks(): StackReference | undefined {
    return this.#previousStacks;
  }

  /** Registers a listener for changes of the snapshot or the phase, which is called a few times per second at most. */
  onChange(listener: () => void): { dispose(): void } {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  }

  /** Ends the current run, unless its program can outlive this process. */
  dispose(): void {
    this.#listeners.clear();
    if ('updateTimer' in this.#state) clearInterval(this.#state.updateTimer);
    if ('handle' in this.#state && this.#state.handle.detach) this.#state.handle.detach();
    else void this.stop();
  }

  #requireRecording(): Recording {
    const { recording } = this.#state;
    if (!recording) throw new HumanError('No data to export yet. Profile a pipeline or a program first.');
    return recording;
  }

  get #shownStacks(): Omit<StackSource, 'previousStacks'> | undefined {
    return this.paused ? this.#frozenStacks : this.#state.recording;
  }

  get #isBusy(): boolean {
    return this.#state.phase !== 'idle' && this.#state.phase !== 'failed';
  }

  #begin({ pipeline: { title } }: LaunchSpec): void {
    const { recording } = this.#state;
    const nothingRequested = { isPaused: false, isStopRequested: false, signals: [] };
    this.#setState({ phase: 'starting', title, ...defined({ recording }), ...nothingRequested });
  }

  /** Follows a run from its start to its end. */
  async #track(launch: LaunchSpec, start: () => Promise<BegunRun>): Promise<Snapshot> {
    try {
      const { recording, handle } = await start();
      this.#previousStacks = this.#state.recording?.stackReference() ?? this.#previousStacks;
      const { isStopRequested, signals } = { isStopRequested: false, signals: [], ...this.#state };
      const updateTimer = startUpdates(recording, handle, () => this.#updateSnapshot());
      this.#setState({ phase: 'running', recording, handle, updateTimer, isPaused: this.paused });
      if (isStopRequested) void this.stop();
      for (const name of signals) handle.child.kill(name);
      const exit = await handle.ended.finally(async () => {
        clearInterval(updateTimer);
        if (!handle.detach) return;
        const { removeRunNote } = await import('./detached/run-note.ts');
        removeRunNote(this.#options.data, recording.run.id);
      });
      return await this.#finish(launch, recording, exit);
    } catch (error) {
      const { recording } = this.#state;
      this.#setState({ phase: 'failed', ...defined({ recording }), problem: messageOf(error) });
      throw error;
    }
  }

  async #finish(launch: LaunchSpec, recording: Recording, exit: RunExit): Promise<Snapshot> {
    const run = recording.finish(exit);
    if (hasParentInCollector(launch.start)) {
      const { sendRunSpan } = await import('./otlp/send/run-span.ts');
      recording.addNotice(await sendRunSpan(run));
    }
    const { pipeline, result, message } = run;
    const problem = result === 'failure' || result === 'error' ? message : undefined;
    this.#options.log(`${pipeline} ended: ${result}${message ? `: ${message}` : ''}`);
    const snapshot = recording.snapshot(defaultThresholds, 'live');
    this.#snapshot = snapshot;
    this.#setState(problem === undefined ? { phase: 'idle', recording } : { phase: 'failed', recording, problem });
    return snapshot;
  }

  #updateSnapshot(): void {
    const { recording } = this.#state;
    if (recording && !this.paused) this.#snapshot = recording.snapshot(defaultThresholds, 'live');
    this.#notify();
  }

  #setState(state: SessionState): void {
    this.#state = state;
    this.#notify();
  }

  #notify(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
