/** Runs a profile's checks: each starts once its dependencies have finished and a lane is free, until the budget is spent. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { yieldToLoop } from '../../../process/yield-to-loop.ts';
import type { CheckResult } from '../../../protocol/validation/validation.ts';
import {
  type Check,
  type CheckContext,
  type CheckListener,
  type CheckOutcome,
  type ProgramCall,
  skip,
} from '../check/check.ts';
import type { ValidationProfile } from '../plan/profiles.ts';
import type { Repository } from '../repository/repository.ts';
import { Admission } from './admission.ts';
import type { LaneLease } from './check-lanes.ts';
import { CheckQueue } from './check-queue.ts';
import { budgetOutcome, crashOutcome, createCheckResult, hasFailed, timeoutOutcome } from './check-result.ts';
import { CheckTimer, setLongTimeout } from './check-timer.ts';
import type { DurationHistory } from './duration-history.ts';
import { Programs } from './programs.ts';
import { withSharedIndex } from './shared-index.ts';

interface Execution {
  readonly profile: ValidationProfile;
  readonly disabled: ReadonlySet<string>;
  readonly context: Omit<CheckContext, 'signal' | 'run'>;
  readonly history: DurationHistory;
  readonly cores: number;
  /** Abort it to stop all checks immediately. */
  readonly signal: AbortSignal;
  readonly listener: CheckListener;
}

export interface ExecutionResult {
  /** In the order of the profile. */
  readonly results: readonly CheckResult[];
  /** Number of lanes, including the one for cheap checks. */
  readonly lanes: number;
  /** Time for which the lanes were occupied, added up, in nanoseconds. */
  readonly busyNs: number;
  /** Programs that each check ran, by check id. */
  readonly calls: ReadonlyMap<string, readonly ProgramCall[]>;
}

/** Reason for ending a check before it has finished. */
type EndReason = 'budget' | 'timeout' | 'stop';

/** Share of the budget that checks may use. The rest is for ending those that still run and for the report. */
const usableShare = 0.95;
/** Time after which a cheap check counts as slow, so that the next cheap one starts beside it. */
const maxCheapMs = 50;
/**
 * Number of times that the timeout of a cheap check starts again while other cheap checks run. They share one thread, so a
 * slow one takes the time of all. The limit ends checks that hang together.
 */
const maxExtensions = 9;

export class Executor {
  readonly #execution: Execution;
  readonly #queue: CheckQueue;
  readonly #admission: Admission;
  readonly #budgetMs: number;
  readonly #results = new Map<string, CheckResult>();
  readonly #calls = new Map<string, readonly ProgramCall[]>();
  /** Functions that end the running checks, by check id. */
  readonly #running = new Map<string, (reason: EndReason) => void>();
  readonly #done = Promise.withResolvers<void>();
  readonly #repository: Repository;
  /** The check on whose behalf the current code runs. */
  readonly #caller = new AsyncLocalStorage<{ readonly lease: LaneLease; readonly timer: CheckTimer }>();
  /** Settles when the source index has been built; undefined if it is not being built. */
  #indexing: Promise<void> | undefined;
  /** Number of running checks that share this process. */
  #runningCheap = 0;
  /** Set once the whole run ends: no check starts any more. */
  #endReason: EndReason | undefined;

  constructor(execution: Execution) {
    const { profile, history, cores, context } = execution;
    this.#execution = execution;
    this.#repository = withSharedIndex(context.repository, (work) => this.#waitForIndex(work));
    this.#queue = new CheckQueue(profile, history, cores);
    this.#budgetMs = profile.budgetMs * usableShare;
    this.#admission = new Admission(history, this.#budgetMs);
  }

  async run(): Promise<ExecutionResult> {
    const { signal, profile } = this.#execution;
    const stop = (): void => this.#endAll('stop');
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    const budget = setLongTimeout(this.#budgetMs, () => this.#endAll('budget'));
    this.#startNext();
    await this.#done.promise;
    clearTimeout(budget);
    signal.removeEventListener('abort', stop);
    const results = profile.checks.flatMap(({ id }) => this.#results.get(id) ?? []);
    return { results, lanes: this.#queue.lanes, busyNs: this.#queue.busyNs, calls: this.#calls };
  }

  /** Starts every check that can start now. */
  #startNext(): void {
    const isReady = (check: Check): boolean => this.#dependenciesOf(check).every((id) => this.#results.has(id));
    const dequeue = () => this.#queue.next(isReady, (check) => this.#skipReason(check));
    for (let next = dequeue(); next; next = dequeue()) {
      if ('skipped' in next) this.#settle(next.check, next.skipped, { durationNs: 0 });
      else void this.#execute(next.check, next.lease);
    }
    if (this.#queue.isEmpty && this.#running.size === 0) this.#done.resolve();
  }

  /** Ids of the dependencies that are part of this profile. */
  #dependenciesOf({ dependsOn = [] }: Check): readonly string[] {
    return dependsOn.filter((id) => this.#execution.profile.checks.some((other) => other.id === id));
  }

  /** Returns the outcome of a check that must not start, or undefined if it may. */
  #skipReason(check: Check): CheckOutcome | undefined {
    const { disabled, profile } = this.#execution;
    if (disabled.has(check.id)) return skip('disabled', 'Disabled in pipescope.json.');
    if (this.#endReason) return budgetOutcome(profile.id, 'Skipped: the time budget was used up before it started.');
    const failed = this.#dependenciesOf(check).filter((id) => {
      const result = this.#results.get(id);
      return result && hasFailed(result);
    });
    if (failed.length > 0) return skip('dependency_failed', `Skipped because ${failed.join(' and ')} failed.`);
    const refusal = check.lane === 'process' ? this.#admission.refuse(check.id) : undefined;
    return refusal === undefined ? undefined : budgetOutcome(profile.id, refusal);
  }

  async #execute(check: Check, lease: LaneLease): Promise<void> {
    const { context, listener, history } = this.#execution;
    const aborting = new AbortController();
    const ended = Promise.withResolvers<EndReason>();
    const programs = new Programs(context.repository.root, aborting.signal);
    const end = (reason: EndReason): void => {
      ended.resolve(reason);
      aborting.abort(new Error(`ended: ${reason}`));
    };
    this.#running.set(check.id, end);
    // Let other work run between two cheap checks.
    await yieldToLoop();
    let extensions = 0;
    const timer: CheckTimer = new CheckTimer(check.timeoutMs, () => {
      if (check.lane === 'process') end('timeout');
      // The check may wait for another check that waits for the index, which must not count as its own time.
      else if (this.#indexing) void this.#indexing.then(() => timer.restart());
      else if (this.#runningCheap > 1 && extensions++ < maxExtensions) timer.restart();
      else end('timeout');
    });
    if (check.lane === 'cheap') this.#runningCheap++;
    const slowTimeout =
      check.lane === 'cheap' ? setLongTimeout(maxCheapMs, () => this.#releaseEarly(lease)) : undefined;
    const work = (): Promise<CheckOutcome> =>
      outcomeOf(check, { ...context, repository: this.#repository, signal: aborting.signal, run: programs.run });
    const outcome = await listener.execute(check, async () => {
      const first = await Promise.race([this.#caller.run({ lease, timer }, work), ended.promise]);
      await programs.ended();
      return first;
    });
    clearTimeout(slowTimeout);
    if (check.lane === 'cheap') this.#runningCheap--;
    const time = timer.stop();
    const { durationNs } = time;
    if (outcome === 'budget' || outcome === 'timeout') history.recordAbort(check.id, durationNs);
    else if (outcome !== 'stop') history[outcome.status === 'skip' ? 'recordSkip' : 'recordRun'](check.id, durationNs);
    if (programs.calls.length > 0) this.#calls.set(check.id, programs.calls);
    this.#running.delete(check.id);
    lease.release();
    const isStopped = typeof outcome === 'string';
    this.#settle(check, isStopped ? this.#endedOutcome(outcome, check, time) : outcome, { durationNs, isStopped });
    this.#startNext();
  }

  /** Waits for the index on behalf of a check: meanwhile its lane is free for others and its clock is paused. */
  async #waitForIndex<T>(readIndex: () => Promise<T>): Promise<T> {
    const caller = this.#caller.getStore();
    if (!caller?.timer.pause()) return readIndex();
    this.#releaseEarly(caller.lease);
    const index = readIndex();
    this.#indexing ??= Promise.allSettled([index]).then(() => {
      this.#indexing = undefined;
    });
    try {
      return await index;
    } finally {
      caller.timer.resume();
    }
  }

  #releaseEarly(lease: LaneLease): void {
    lease.releaseEarly();
    this.#startNext();
  }

  #endedOutcome(
    reason: EndReason,
    check: Check,
    { durationNs, wasPaused }: ReturnType<CheckTimer['stop']>,
  ): CheckOutcome {
    if (reason === 'timeout') return timeoutOutcome(check, durationNs);
    const when = wasPaused ? 'while the source files were being indexed' : `after ${Math.round(durationNs / 1e6)} ms`;
    return budgetOutcome(this.#execution.profile.id, `Stopped ${when} because the time budget was used up.`);
  }

  #settle(check: Check, outcome: CheckOutcome, time: Parameters<typeof createCheckResult>[2]): void {
    const { listener } = this.#execution;
    const result = listener.collect(check, () => createCheckResult(check, outcome, time));
    this.#results.set(check.id, result);
    listener.onEnd(check, result);
  }

  /** Ends all running checks and starts no more. */
  #endAll(reason: EndReason): void {
    this.#endReason ??= reason;
    for (const end of [...this.#running.values()]) end(reason);
    this.#startNext();
  }
}

/** Runs a check. If it throws, the outcome is a crash; the other checks continue. */
async function outcomeOf(check: Check, context: CheckContext): Promise<CheckOutcome> {
  try {
    return await check.run(context);
  } catch (error) {
    return crashOutcome(error);
  }
}
