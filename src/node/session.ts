/** One place where runs happen: starts a pipeline, looks four times a second, tells listeners, stops everything. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { HumanError, messageOf } from '../core/human-error.ts';
import { defaultThresholds, type Thresholds } from '../core/snapshot/health.ts';
import type { Wishes } from '../protocol/control.ts';
import { defined } from '../protocol/defined.ts';
import type { Phase } from '../protocol/panel-message.ts';
import type { Snapshot } from '../protocol/snapshot.ts';
import { canBeKept } from './detached/keeper-client.ts';
import { earsOf, type Found, findKept, startKept } from './detached/resume.ts';
import { removeNote } from './detached/run-note.ts';
import { gitOf } from './git.ts';
import type { Ended } from './run/child.ts';
import { type Environments, type LaunchSpec, launchOf, type Pipeline } from './run/launch-spec.ts';
import { sampleTree } from './run/process-tree.ts';
import { Recording } from './run/recording.ts';
import { type Started, startRun } from './run/start-run.ts';
import { spanOfRun } from './run/trace-context.ts';

const beatMs = 250;

export interface SessionOptions {
  readonly log: (line: string) => void;
  /** Folder of the built bundles. */
  readonly dist: string;
  /** Folder for what is kept between runs. */
  readonly data: string;
  readonly thresholds?: () => Thresholds;
  /** Programs outlive this process for a while, so that the next one can go on with them (see `pickUp`). */
  readonly keeps?: boolean;
  /** Takes what a program of a person's own prints, all of it; without this the log takes its beginning. */
  readonly onOutput?: (text: string) => void;
}

/** A run that was found under way. */
export interface Resumed {
  readonly launch: LaunchSpec;
  /** As that of `launch`. */
  readonly snapshot: Promise<Snapshot>;
}

export interface RunOptions {
  /** Forget what the pipeline keeps between runs. */
  readonly cold?: boolean;
  /** File for the pipeline's result. */
  readonly result?: string;
  /** What the pipeline takes besides. */
  readonly args?: readonly string[];
}

/** What a program's probes do when nothing else is asked: look at the stack each millisecond, within one percent. */
export const defaultWishes: Omit<Wishes, 'workspace'> = { samplingNs: 1e6, exact: [], budgetRatio: 0.01 };

export class Session {
  readonly #options: SessionOptions;
  readonly #listeners = new Set<() => void>();
  #phase: Phase = 'idle';
  #paused = false;
  #problem: string | undefined;
  #recording: Recording | undefined;
  #started: Started | undefined;
  #snapshot: Snapshot | undefined;
  #stopping = false;
  #beat: NodeJS.Timeout | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  get phase(): Phase {
    return this.#phase;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** One sentence on what went wrong with the last run, if anything did. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** The newest picture; frozen while paused, kept after the run. */
  get snapshot(): Snapshot | undefined {
    return this.#snapshot;
  }

  /** Runs a built-in pipeline on a workspace; as `launch`. */
  run(pipeline: Pipeline, workspace: string, options: RunOptions = {}): Promise<Snapshot> {
    const { dist, data } = this.#options;
    return this.launch(launchOf(pipeline, { dist, data, workspace, ...options }));
  }

  /**
   * Starts what is described and records it. Resolves with the last snapshot when it has ended, well or not (see
   * `snapshot.run.result` and `.message`); rejects with a HumanError when it could not start.
   */
  async launch(launch: LaunchSpec, wishes: Partial<Wishes> = {}): Promise<Snapshot> {
    if (this.#isBusy) {
      const title = this.#recording?.run.title ?? 'A pipeline';
      throw new HumanError(`${title} is running already. Stop it first.`);
    }
    this.#begin();
    return this.#follow(() => this.#start(launch, wishes));
  }

  /**
   * Goes on with a run that an earlier process left under way in the same data folder; nothing where there is none.
   * @param waitMs how long one is waited for that another host has
   */
  async pickUp(onEnvironment: Environments, waitMs = 0): Promise<Resumed | undefined> {
    const { data, log } = this.#options;
    const found = await findKept({
      data,
      log,
      waitMs,
      onEnvironment,
      wanted: () => !this.#isBusy,
      record: ({ launch, run, startedAt }) => new Recording(launch.pipeline, run, log, Date.parse(startedAt)),
      earsOf: (recording, launch) => earsOf(recording, launch, this.#options),
    });
    if (!found) return undefined;
    this.#begin();
    return { launch: found.launch, snapshot: this.#follow(async () => found) };
  }

  /** Changes what the running program's probes do. */
  wish(wishes: Wishes): void {
    this.#started?.wish(wishes);
  }

  /** Ends the run under way and everything that it started; what was recorded stays. */
  async stop(): Promise<void> {
    if (this.#phase !== 'running' && this.#phase !== 'starting') return;
    this.#stopping = true;
    if (this.#phase === 'running') this.#setPhase('stopping');
    await this.#started?.child.stop();
  }

  /** Hands a signal to the program under way, and to it alone. */
  forward(name: NodeJS.Signals): void {
    this.#started?.child.kill(name);
  }

  /** Freezes the picture; recording goes on. */
  pause(): void {
    this.#paused = true;
    this.#tell();
  }

  resume(): void {
    this.#paused = false;
    this.#judge();
  }

  /** Forgets the last run. */
  clear(): void {
    if (this.#phase !== 'idle' && this.#phase !== 'failed') return;
    this.#recording = undefined;
    this.#snapshot = undefined;
    this.#problem = undefined;
    this.#setPhase('idle');
  }

  /** The whole picture with histograms, as it is now even while paused. Throws a HumanError when nothing ran yet. */
  exportSnapshot(): Snapshot {
    if (!this.#recording) throw new HumanError('There is nothing to export yet. Profile a pipeline first.');
    return this.#recording.picture(this.#thresholds(), 'whole');
  }

  /** Calls back after each change of the picture or the phase, at most a few times a second. */
  onChange(listener: () => void): { dispose(): void } {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  }

  /** Ends what runs, but for a program that can do without us. */
  dispose(): void {
    this.#listeners.clear();
    clearInterval(this.#beat);
    if (this.#started?.leave) this.#started.leave();
    else void this.stop();
  }

  get #isBusy(): boolean {
    return this.#phase === 'starting' || this.#phase === 'running' || this.#phase === 'stopping';
  }

  #begin(): void {
    this.#stopping = false;
    this.#paused = false;
    this.#problem = undefined;
    this.#setPhase('starting');
  }

  /** From the start of a run to its end. */
  async #follow(start: () => Promise<Pick<Found, 'recording' | 'started'>>): Promise<Snapshot> {
    try {
      const { recording, started } = await start();
      [this.#recording, this.#started] = [recording, started];
      this.#setPhase('running');
      if (this.#stopping) void this.stop();
      const ended = await this.#watch(recording, started).finally(() => {
        if (started.leave) removeNote(this.#options.data, recording.run.id);
      });
      return this.#finish(recording, ended);
    } catch (error) {
      this.#problem = messageOf(error);
      this.#setPhase('failed');
      throw error;
    }
  }

  async #start(launch: LaunchSpec, wishes: Partial<Wishes>): Promise<Pick<Found, 'recording' | 'started'>> {
    const { pipeline, workspace, start } = launch;
    if (!existsSync(workspace)) throw new HumanError(`The folder ${workspace} does not exist. Choose another one.`);
    if (start.kind === 'module' && !existsSync(start.module)) {
      throw new HumanError(`${pipeline.title} is missing from this installation (${start.module}). Install it again.`);
    }
    const id = randomUUID();
    const span = spanOfRun();
    const git = await gitOf(workspace);
    const { title, unit } = pipeline;
    const trace = { traceId: span.traceId, spanId: span.spanId };
    const run = {
      id,
      pipeline: pipeline.id,
      title,
      workspace,
      ...(git ? { git } : {}),
      trace,
      ...defined({ unit }),
    };
    this.#options.log(`starting ${pipeline.id} on ${workspace} (run ${id})`);
    const recording = new Recording(pipeline, run, this.#options.log);
    const { dist, data, keeps = false } = this.#options;
    const ears = earsOf(recording, launch, this.#options);
    const described = { runId: id, span, dist, wishes: { ...defaultWishes, workspace, ...wishes } };
    const started =
      keeps && canBeKept(launch)
        ? await startKept(launch, { ...described, data, recording }, ears)
        : await startRun(launch, { ...described, ...ears });
    return { recording, started };
  }

  async #watch(recording: Recording, { child, ended }: Started): Promise<Ended> {
    let looking = false;
    this.#beat = setInterval(async () => {
      // A look may take longer than a beat where the system answers slowly: never two at once.
      if (looking) return;
      looking = true;
      const sample = child.pid === undefined ? undefined : await sampleTree(child.pid);
      looking = false;
      if (sample) recording.sampleTree(sample);
      this.#judge();
    }, beatMs);
    try {
      return await ended;
    } finally {
      clearInterval(this.#beat);
    }
  }

  #finish(recording: Recording, ended: Ended): Snapshot {
    const { pipeline, result, message } = recording.finish(ended);
    this.#started = undefined;
    this.#paused = false;
    this.#problem = result === 'failure' || result === 'error' ? message : undefined;
    this.#options.log(`${pipeline} ended: ${result}${message ? `: ${message}` : ''}`);
    this.#snapshot = recording.picture(this.#thresholds(), 'live');
    this.#setPhase(this.#problem === undefined ? 'idle' : 'failed');
    return this.#snapshot;
  }

  #judge(): void {
    if (this.#recording && !this.#paused) this.#snapshot = this.#recording.picture(this.#thresholds(), 'live');
    this.#tell();
  }

  #thresholds(): Thresholds {
    return this.#options.thresholds?.() ?? defaultThresholds;
  }

  #setPhase(phase: Phase): void {
    this.#phase = phase;
    this.#tell();
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
