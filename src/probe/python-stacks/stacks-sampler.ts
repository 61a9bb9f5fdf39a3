import type { Batch } from '../../protocol/batch/batch.ts';
import type {
  FromPythonStacks,
  PythonStacksStart,
  StacksRefusal,
  ToPythonStacks,
} from '../../protocol/python-stacks-message.ts';
import { PythonOwner } from './python-owner.ts';
import { SampledProcess } from './sampled-process.ts';

const batchIntervalMs = 250;
/** Maximum share of a processor that sampling may use. */
const maxLoad = 0.02;
/** Maximum time between two samples, however much they cost. */
const maxIntervalMs = 100;
/** The first samples of this thread are expensive and not representative. */
const warmUpRounds = 50;
/** Time between two looks at a process that does not run Python, relative to the time since the first one, and its limits. */
const retry = { perAge: 0.2, minMs: 4, maxMs: 500 } as const;
/** Part that the newest value has in the mean cost. */
const newestPart = 0.5;

/** A process that may run Python. */
interface WatchedProcess {
  readonly sinceMs: number;
  sampled: SampledProcess | undefined;
  nextTryMs: number;
  generation: number;
  countedNs: ReadonlyMap<number, number>;
  refusal: StacksRefusal | undefined;
}

/** Samples the stacks of all Python processes among those that the host names, at random moments. */
export class StacksSampler {
  readonly #owner: PythonOwner;
  readonly #send: (message: FromPythonStacks) => void;
  readonly #processes = new Map<number, WatchedProcess>();
  #intervalMs: number;
  #hasFixedInterval: boolean;
  /** Mean CPU time of this thread for sampling all processes once. */
  #costMs = 0;
  /** Number of times that all processes were sampled since the cost was last determined, and the CPU time for that. */
  #rounds = 0;
  #roundsMs = 0;
  #samples = 0;
  #changedStacks = 0;
  #isWarm = false;
  #hasStopped = false;
  #nextSampleMs = 0;
  #nextClockMs = 0;
  #nextBatchMs = 0;

  constructor(start: Omit<PythonStacksStart, 'signal'>, send: (message: FromPythonStacks) => void) {
    this.#owner = new PythonOwner(start.projectRoot ?? start.workspace, start.probeFolder);
    this.#intervalMs = start.intervalMs;
    this.#hasFixedInterval = start.hasFixedInterval;
    this.#send = send;
  }

  /** True after `stop`. */
  get hasStopped(): boolean {
    return this.#hasStopped;
  }

  handle(message: ToPythonStacks): void {
    switch (message.type) {
      case 'processes':
        this.#watch(message.pids);
        break;
      case 'interval':
        this.#intervalMs = message.intervalMs;
        this.#hasFixedInterval = message.hasFixedInterval;
        break;
      case 'stop':
        this.#watch([]);
        this.#hasStopped = true;
        this.#send({ type: 'stopped', samples: this.#samples, changedStacks: this.#changedStacks });
        break;
    }
  }

  /** Does what is due. Returns the time in milliseconds until the next step. */
  step(): number {
    const nowMs = performance.now();
    this.#search(nowMs);
    if (nowMs >= this.#nextSampleMs) {
      this.#sample();
      this.#nextSampleMs = nowMs + this.#currentMs * (0.5 + Math.random());
      this.#nextClockMs = nowMs + this.#intervalMs;
    } else if (nowMs >= this.#nextClockMs) {
      for (const { sampled } of this.#processes.values()) sampled?.readClocks();
      this.#nextClockMs = nowMs + this.#intervalMs;
    }
    if (nowMs >= this.#nextBatchMs) {
      this.#nextBatchMs = nowMs + batchIntervalMs;
      for (const { sampled } of this.#processes.values()) this.#sendAll(sampled?.drain(this.#currentMs) ?? []);
      this.#updateCost();
    }
    return Math.max(0, this.#nextStepMs() - performance.now());
  }

  /** Mean time between two samples, as the cost allows. */
  get #currentMs(): number {
    if (this.#hasFixedInterval) return this.#intervalMs;
    return Math.max(this.#intervalMs, Math.min(this.#costMs / maxLoad, maxIntervalMs));
  }

  #nextStepMs(): number {
    let nextMs = this.#nextBatchMs;
    for (const { sampled, nextTryMs } of this.#processes.values()) {
      if (!sampled) nextMs = Math.min(nextMs, nextTryMs);
      else if (this.#intervalMs > 0) nextMs = Math.min(nextMs, this.#nextSampleMs, this.#nextClockMs);
    }
    return nextMs;
  }

  #watch(pids: readonly number[]): void {
    const listed = new Set(pids);
    for (const [pid, watched] of this.#processes) {
      if (listed.has(pid)) continue;
      this.#finish(pid, watched);
      this.#processes.delete(pid);
    }
    for (const pid of listed) {
      if (this.#processes.has(pid)) continue;
      const sinceMs = performance.now();
      this.#processes.set(pid, {
        sinceMs,
        sampled: undefined,
        nextTryMs: sinceMs,
        generation: 0,
        countedNs: new Map(),
        refusal: undefined,
      });
    }
  }

  /** Looks at the processes that do not run Python yet, those that have just started more often than others. */
  #search(nowMs: number): void {
    for (const [pid, watched] of this.#processes) {
      if (!watched.sampled && watched.nextTryMs <= nowMs) this.#tryToOpen(pid, watched, nowMs);
    }
  }

  #tryToOpen(pid: number, watched: WatchedProcess, nowMs: number): void {
    const { generation, countedNs } = watched;
    const opened = SampledProcess.open({ pid, owner: this.#owner, generation, countedNs });
    if (opened instanceof SampledProcess) {
      watched.sampled = opened;
      watched.refusal = undefined;
      this.#send({ type: 'reading', pid, version: opened.version });
      return;
    }
    const delayMs = Math.min(retry.maxMs, Math.max(retry.minMs, retry.perAge * (nowMs - watched.sinceMs)));
    watched.nextTryMs = nowMs + delayMs;
    if (watched.refusal?.reason === opened.reason) return;
    watched.refusal = opened;
    this.#send({ type: 'refused', pid, refusal: opened });
  }

  #sample(): void {
    if (this.#intervalMs === 0) return;
    const cpuMs = readCpuMs();
    for (const [pid, watched] of this.#processes) {
      if (!watched.sampled || watched.sampled.sample(this.#currentMs)) continue;
      this.#finish(pid, watched);
      watched.generation++;
      watched.nextTryMs = performance.now();
    }
    this.#rounds++;
    this.#roundsMs += readCpuMs() - cpuMs;
  }

  /**
   * Batches and looking for processes cost the same, however many samples there are: their cost must not be in that of a sample,
   * which would rise as samples become fewer.
   */
  #updateCost(): void {
    if (this.#rounds < (this.#isWarm ? 1 : warmUpRounds)) return;
    if (this.#isWarm) this.#costMs += newestPart * (this.#roundsMs / this.#rounds - this.#costMs);
    this.#isWarm = true;
    this.#rounds = 0;
    this.#roundsMs = 0;
  }

  #finish(pid: number, watched: WatchedProcess): void {
    const { sampled } = watched;
    if (!sampled) return;
    watched.sampled = undefined;
    const { samples, changedStacks } = sampled.counts;
    this.#samples += samples;
    this.#changedStacks += changedStacks;
    this.#sendAll(sampled.finish(this.#currentMs));
    watched.countedNs = sampled.countedNs;
    this.#send({ type: 'ended', pid });
  }

  #sendAll(batches: readonly Batch[]): void {
    for (const batch of batches) this.#send({ type: 'batch', batch });
  }
}

/** Returns the CPU time of this thread. */
function readCpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
