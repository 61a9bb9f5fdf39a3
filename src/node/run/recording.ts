/** One run as it is recorded: takes in what the guest says, and can be pictured at any moment, during it and after. */
import { realpathSync } from 'node:fs';
import { isAbsolute, posix, relative, sep } from 'node:path';
import { Recorder, type TreeSample } from '../../core/record/recorder.ts';
import { judge } from '../../core/snapshot/build-snapshot.ts';
import type { Thresholds } from '../../core/snapshot/health.ts';
import { isBatch } from '../../protocol/batch.ts';
import type { Definition } from '../../protocol/event.ts';
import type { Run, Snapshot } from '../../protocol/snapshot.ts';
import type { Ended } from './child.ts';
import type { Pipeline } from './launch-spec.ts';
import { endOf } from './outcome.ts';

/** Output of a pipeline that goes to the log, a run; the rest is let go. */
const loggedOutput = 64 * 1024;

/** What is known of a run before it starts. */
export type Described = Omit<Run, 'startedAt' | 'durationNs' | 'result'>;

export class Recording {
  readonly #recorder: Recorder;
  readonly #pipeline: Pipeline;
  readonly #log: (line: string) => void;
  readonly #startNs: number;
  #run: Run;
  #hostNs = 0;
  #rejected = 0;
  #logged = 0;

  /** @param wallStartMs epoch milliseconds at the start of the run, where that was before */
  constructor(pipeline: Pipeline, run: Described, log: (line: string) => void, wallStartMs = Date.now()) {
    this.#startNs = nowNs() - (Date.now() - wallStartMs) * 1e6;
    this.#pipeline = pipeline;
    this.#log = log;
    this.#run = { ...run, startedAt: new Date(wallStartMs).toISOString(), durationNs: 0, result: 'running' };
    this.#recorder = new Recorder({
      ...pipeline,
      wallStartMs,
      placeOf: placesIn(run.workspace),
      componentOf: groupsBy(pipeline.groups),
    });
  }

  /** The run as it is now. */
  get run(): Run {
    const { result } = this.#run;
    return result === 'running' ? { ...this.#run, durationNs: nowNs() - this.#startNs } : this.#run;
  }

  /**
   * Takes one message of the guest; what is no batch is counted, and said once.
   * @param past it tells of a time at which nobody recorded: it counts in totals, not in what happens now
   */
  take(message: unknown, past = false): void {
    const startNs = nowNs();
    if (isBatch(message)) this.#recorder.take(message, startNs - this.#startNs, past);
    else this.fault('a malformed or oversized batch');
    this.#hostNs += nowNs() - startNs;
  }

  sampleTree(sample: TreeSample): void {
    if (this.#run.result === 'running') this.#recorder.sampleTree(sample, nowNs() - this.#startNs);
  }

  /** Logs what the guest prints, up to a limit that is said once. */
  logOutput(stream: string, text: string): void {
    const room = loggedOutput - this.#logged;
    this.#logged += text.length;
    if (room <= 0) return;
    this.#log(`${stream}: ${text.slice(0, room).trimEnd()}`);
    if (text.length >= room) this.#log(`${this.#run.pipeline} writes more than the log takes: the rest is left out`);
  }

  finish(ended: Ended): Run {
    const durationNs = nowNs() - this.#startNs;
    this.#recorder.series.end(durationNs);
    const processNs = ended.wallNs === undefined ? {} : { processNs: ended.wallNs };
    this.#run = { ...this.#run, durationNs, ...processNs, ...endOf(this.#run, ended, this.#pipeline.refusal) };
    return this.#run;
  }

  /** A complete picture; `whole` has every operation, with histograms. */
  picture(general: Thresholds, range: 'live' | 'whole'): Snapshot {
    const startNs = nowNs();
    const run = this.run;
    if (run.result === 'running') this.#recorder.series.advance(run.durationNs);
    const { minHitRatios } = this.#pipeline;
    const thresholds = minHitRatios ? { ...general, minHitRatios } : general;
    const snapshot = judge(this.#recorder, { run, thresholds, hostNs: this.#hostNs, range });
    this.#hostNs += nowNs() - startNs;
    return snapshot;
  }

  /** Counts what could not be read, and says it the first time. */
  fault(what: string, times = 1): void {
    this.#recorder.reject(times);
    this.#rejected += times;
    if (this.#rejected > times) return;
    this.#log(`${this.#run.pipeline} sent ${what}: it and any later one is left out`);
  }
}

/** Component that a zero-code probe names because it knows none. */
const nameless = 'functions';

/** The component that a workspace's own patterns name for a file, else as `componentOf`. */
function groupsBy(groups: Pipeline['groups'] = {}): (definition: Definition) => string {
  const patterns = Object.entries(groups);
  return (definition) => {
    const { component, file } = definition;
    if (component !== nameless || file === undefined) return componentOf(definition);
    const [, group] = patterns.find(([pattern]) => posix.matchesGlob(file, pattern)) ?? [];
    return group ?? componentOf(definition);
  };
}

/** Functions that nobody grouped belong to the folder of their file, two levels deep; those without a file to themselves. */
function componentOf({ component, file, name }: Definition): string {
  if (component !== nameless) return component;
  if (file === undefined) return name;
  if (isAbsolute(file)) return '(elsewhere)';
  const folders = file.split('/').slice(0, -1);
  return folders.length > 0 ? folders.slice(0, 2).join('/') : file;
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
