/** One place where runs happen: starts a pipeline, takes in what it says, judges four times a second, tells listeners. */
import { randomUUID } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import { isAbsolute, relative, sep } from 'node:path';
import { HumanError, messageOf } from '../core/error.ts';
import { defaultThresholds, type Thresholds } from '../core/health.ts';
import { judge } from '../core/judge.ts';
import { Recorder } from '../core/recorder.ts';
import { isBatch } from '../protocol/event.ts';
import type { Phase } from '../protocol/message.ts';
import type { Run, Snapshot } from '../protocol/snapshot.ts';
import { Child, type Ended } from './child.ts';
import { endOf } from './ending.ts';
import { gitOf } from './git.ts';
import { launchOf, type Pipeline } from './launch.ts';
import { sampleTree } from './tree.ts';

const beatMs = 250;
/** Output of a pipeline that goes to the log, a run; the rest is counted. */
const loggedOutput = 64 * 1024;

export interface SessionOptions {
  readonly log: (line: string) => void;
  /** Folder of the built bundles. */
  readonly dist: string;
  /** Folder for what is kept between runs. */
  readonly data: string;
  readonly thresholds?: () => Thresholds;
}

export interface RunOptions {
  /** Forget what the pipeline keeps between runs. */
  readonly cold?: boolean;
  /** File for the pipeline's result. */
  readonly result?: string;
}

/** All that belongs to the run under way or the last one. */
interface Current {
  readonly run: Run;
  readonly pipeline: Pipeline;
  readonly recorder: Recorder;
  readonly startNs: number;
  child?: Child;
  hostNs: number;
  malformed: number;
  logged: number;
}

export class Session {
  readonly #options: SessionOptions;
  readonly #listeners = new Set<() => void>();
  #phase: Phase = 'idle';
  #paused = false;
  #problem: string | undefined;
  #current: Current | undefined;
  #snapshot: Snapshot | undefined;
  #stopping = false;

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

  /**
   * Runs a pipeline on a workspace. Resolves with the last snapshot when the run has ended, well or not (see
   * `snapshot.run.result` and `.message`); rejects with a HumanError when it could not start.
   */
  async run(pipeline: Pipeline, workspace: string, options: RunOptions = {}): Promise<Snapshot> {
    if (this.#phase === 'starting' || this.#phase === 'running' || this.#phase === 'stopping') {
      throw new HumanError(`${this.#current?.run.title ?? 'A pipeline'} is running already. Stop it first.`);
    }
    this.#stopping = false;
    this.#paused = false;
    this.#problem = undefined;
    this.#setPhase('starting');
    try {
      const current = await this.#start(pipeline, workspace, options);
      const ended = await this.#watch(current);
      return this.#finish(current, ended);
    } catch (error) {
      this.#problem = messageOf(error);
      this.#setPhase('failed');
      throw error;
    }
  }

  /** Ends the run under way and everything that it started; what was recorded stays. */
  async stop(): Promise<void> {
    if (this.#phase !== 'running' && this.#phase !== 'starting') return;
    this.#stopping = true;
    if (this.#phase === 'running') this.#setPhase('stopping');
    await this.#current?.child?.stop();
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
    this.#current = undefined;
    this.#snapshot = undefined;
    this.#problem = undefined;
    this.#setPhase('idle');
  }

  /** The whole picture with histograms, as it is now even while paused. Throws a HumanError when nothing ran yet. */
  exportSnapshot(): Snapshot {
    const current = this.#current;
    if (!current) throw new HumanError('There is nothing to export yet. Profile a pipeline first.');
    return judge(current.recorder, {
      run: { ...current.run, ...this.#told(current) },
      thresholds: this.#thresholds(current),
      hostNs: current.hostNs,
      range: 'whole',
    });
  }

  /** Calls back after each change of the picture or the phase, at most a few times a second. */
  onChange(listener: () => void): { dispose(): void } {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  }

  dispose(): void {
    this.#listeners.clear();
    void this.stop();
  }

  async #start(pipeline: Pipeline, workspace: string, options: RunOptions): Promise<Current> {
    if (!existsSync(workspace)) throw new HumanError(`The folder ${workspace} does not exist. Choose another one.`);
    const { dist, data, log } = this.#options;
    const launch = launchOf(pipeline, { dist, data, workspace, ...options });
    if (!existsSync(launch.module)) {
      throw new HumanError(`${pipeline.title} is missing from this installation (${launch.module}). Install it again.`);
    }
    const runId = randomUUID();
    const git = await gitOf(workspace);
    const wallStartMs = Date.now();
    const startNs = nowNs();
    const current: Current = {
      pipeline,
      run: {
        id: runId,
        pipeline: pipeline.id,
        title: pipeline.title,
        workspace,
        startedAt: new Date(wallStartMs).toISOString(),
        durationNs: 0,
        result: 'running',
        ...(git ? { git } : {}),
        unit: pipeline.unit,
      },
      recorder: new Recorder({ ...pipeline, wallStartMs, placeOf: placesIn(workspace) }),
      startNs,
      hostNs: 0,
      malformed: 0,
      logged: 0,
    };
    this.#current = current;
    log(`starting ${pipeline.id} on ${workspace} (run ${runId})`);
    current.child = new Child({
      launch,
      runId,
      onMessage: (message) => this.#take(current, message),
      onOutput: (stream, text) => this.#logOutput(current, stream, text),
    });
    this.#setPhase('running');
    if (this.#stopping) void this.stop();
    return current;
  }

  async #watch(current: Current): Promise<Ended> {
    const { child } = current;
    if (!child) throw new Error('no child');
    let looking = false;
    const beat = setInterval(async () => {
      // A look may take longer than a beat where the system answers slowly: never two at once.
      if (looking || child.pid === undefined) return;
      looking = true;
      const sample = await sampleTree(child.pid);
      looking = false;
      if (sample && current.run.result === 'running') current.recorder.sampleTree(sample, nowNs() - current.startNs);
      this.#judge();
    }, beatMs);
    try {
      return await child.ended;
    } finally {
      clearInterval(beat);
    }
  }

  #take(current: Current, message: unknown): void {
    const startNs = nowNs();
    if (isBatch(message)) current.recorder.take(message, startNs - current.startNs);
    else this.#reject(current);
    current.hostNs += nowNs() - startNs;
  }

  #reject(current: Current): void {
    current.recorder.reject();
    current.malformed++;
    if (current.malformed > 1) return;
    this.#options.log(`${current.run.pipeline} sent a malformed or oversized batch: it and any later one is left out`);
  }

  #logOutput(current: Current, stream: string, text: string): void {
    const room = loggedOutput - current.logged;
    current.logged += text.length;
    if (room <= 0) return;
    this.#options.log(`${stream}: ${text.slice(0, room).trimEnd()}`);
    if (text.length >= room)
      this.#options.log(`${current.run.pipeline} writes more than the log takes: the rest is left out`);
  }

  #finish(current: Current, ended: Ended): Snapshot {
    const durationNs = nowNs() - current.startNs;
    current.recorder.series.end(durationNs);
    const finished: Current = { ...current, run: { ...current.run, durationNs, ...endOf(current.run, ended) } };
    this.#current = finished;
    this.#paused = false;
    const { result, message } = finished.run;
    this.#problem = result === 'failure' || result === 'error' ? message : undefined;
    this.#options.log(`${finished.run.pipeline} ended: ${result}${message ? `: ${message}` : ''}`);
    this.#judge();
    this.#setPhase(this.#problem === undefined ? 'idle' : 'failed');
    return this.#snapshot as Snapshot;
  }

  #judge(): void {
    const current = this.#current;
    if (!current) {
      this.#tell();
      return;
    }
    const startNs = nowNs();
    const told = this.#told(current);
    if (current.run.result === 'running') current.recorder.series.advance(told.durationNs);
    if (!this.#paused) {
      this.#snapshot = judge(current.recorder, {
        run: { ...current.run, ...told },
        thresholds: this.#thresholds(current),
        hostNs: current.hostNs,
        range: 'live',
      });
    }
    current.hostNs += nowNs() - startNs;
    this.#tell();
  }

  #told(current: Current): { readonly durationNs: number } {
    return { durationNs: current.run.result === 'running' ? nowNs() - current.startNs : current.run.durationNs };
  }

  #thresholds({ pipeline: { minHitRatios } }: Current): Thresholds {
    const general = this.#options.thresholds?.() ?? defaultThresholds;
    return minHitRatios ? { ...general, minHitRatios } : general;
  }

  #setPhase(phase: Phase): void {
    this.#phase = phase;
    this.#tell();
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

function nowNs(): number {
  return performance.now() * 1e6;
}

/** Files inside the workspace are shown relative to it with `/`, others as they are. */
function placesIn(workspace: string): (file: string) => string {
  const root = realpathSync(workspace);
  return (file) => {
    if (!isAbsolute(file)) return file.split(sep).join('/');
    const inside = relative(root, file);
    return inside.startsWith('..') || isAbsolute(inside) ? file : inside.split(sep).join('/');
  };
}
