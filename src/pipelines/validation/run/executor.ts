/** Makes the checks of a profile: each as soon as those it needs are done and a lane is free, within time, to the end. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { nowNs } from '../../../probe/api/api.ts';
import type { CheckResult } from '../../../protocol/validation.ts';
import { type Check, type Context, type Outcome, skip } from '../check/check.ts';
import type { Profile } from '../plan/profiles.ts';
import type { Repository } from '../repository/repository.ts';
import { crashed, hasFailed, noTime, resultOf, timedOut } from './check-result.ts';
import { after, Stint } from './check-timer.ts';
import { inOrder } from './dependency-order.ts';
import type { History } from './duration-history.ts';
import { Lanes, type Place } from './lanes.ts';
import { type Call, Programs } from './programs.ts';
import { sharing } from './shared-index.ts';

/** Hears of each check as it goes. */
export interface Listener {
  /** Runs the work of a check that is begun. */
  execute<T>(check: Check, work: () => Promise<T>): Promise<T>;
  /** Runs what makes evidence of that which was found. */
  collect<T>(check: Check, work: () => T): T;
  ended(check: Check, result: CheckResult): void;
}

export interface Execution {
  readonly profile: Profile;
  readonly disabled: ReadonlySet<string>;
  readonly context: Omit<Context, 'signal' | 'run'>;
  readonly history: History;
  readonly cores: number;
  /** Aborted to end all at once. */
  readonly signal: AbortSignal;
  readonly listener: Listener;
}

export interface Executed {
  readonly results: readonly CheckResult[];
  /** Of all lanes, the cheap one included. */
  readonly lanes: number;
  /** What each check ran. */
  readonly calls: ReadonlyMap<string, readonly Call[]>;
}

type Ending = 'budget' | 'timeout' | 'stop';

/** The last part of a budget is for ending what still runs and for the report. */
const usable = 0.95;
/** A check that is not done by then is not as cheap as it was said to be: the next one begins beside it. */
const cheapMs = 50;
/** A program of which is not known how long it takes is let in while so much of the time is left. */
const shareForUnknown = 0.5;

/** A check with a place in a lane, or with the reason why it is not made. */
type Next = { readonly check: Check } & ({ readonly place: Place } | { readonly without: Outcome });

export class Executor {
  readonly #asked: Execution;
  readonly #lanes: Lanes;
  readonly #waiting: Check[];
  readonly #results = new Map<string, CheckResult>();
  readonly #calls = new Map<string, readonly Call[]>();
  readonly #running = new Map<string, (ending: Ending) => void>();
  readonly #done = Promise.withResolvers<void>();
  readonly #startNs = nowNs();
  readonly #budgetNs: number;
  readonly #repository: Repository;
  /** Which check it is that asks for something. */
  readonly #caller = new AsyncLocalStorage<{ readonly place: Place; readonly stint: Stint }>();
  /** While the index is being made. */
  #indexing: Promise<void> | undefined;
  #isOver: Ending | undefined;

  constructor(asked: Execution) {
    this.#asked = asked;
    this.#repository = sharing(asked.context.repository, (work) => this.#waitFor(work));
    this.#lanes = new Lanes(asked.profile.parallel, asked.cores);
    const { checks, parallel, budgetMs } = asked.profile;
    this.#waiting = inOrder(checks, parallel, (id) => asked.history.expectedMs(id));
    this.#budgetNs = budgetMs * usable * 1e6;
  }

  async run(): Promise<Executed> {
    const { signal, profile } = this.#asked;
    const stop = (): void => this.#end('stop');
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    const budget = after(this.#budgetNs / 1e6, () => this.#end('budget'));
    this.#go();
    await this.#done.promise;
    clearTimeout(budget);
    signal.removeEventListener('abort', stop);
    const results = profile.checks.flatMap(({ id }) => this.#results.get(id) ?? []);
    return { results, lanes: this.#lanes.total, calls: this.#calls };
  }

  /** Starts all that can be started. */
  #go(): void {
    for (let next = this.#next(); next; next = this.#next()) {
      if ('without' in next) this.#settle(next.check, next.without, 0);
      else void this.#make(next.check, next.place);
    }
    if (this.#waiting.length === 0 && this.#running.size === 0) this.#done.resolve();
  }

  /** The first whose turn it is, taken out of the queue. */
  #next(): Next | undefined {
    for (const [index, check] of this.#waiting.entries()) {
      if (!this.#needs(check).every((id) => this.#results.has(id))) continue;
      const without = this.#refusal(check);
      const place = without ? undefined : this.#lanes.take(check.lane);
      if (without?.skipReason === 'budget' && !this.#isOver) this.#asked.history.refused(check.id);
      if (!without && !place) continue;
      this.#waiting.splice(index, 1);
      if (place) return { check, place };
      if (without) return { check, without };
    }
    return undefined;
  }

  /** Checks of this profile that must be done first. */
  #needs({ dependsOn = [] }: Check): readonly string[] {
    return dependsOn.filter((id) => this.#asked.profile.checks.some((other) => other.id === id));
  }

  /** Why a check is not made, if it is not. */
  #refusal(check: Check): Outcome | undefined {
    if (this.#asked.disabled.has(check.id)) return skip('disabled', 'The configuration of the workspace disables it.');
    if (this.#isOver) return noTime(this.#asked.profile.id, 'It was not begun before the time was used up.');
    const failed = this.#needs(check).filter((id) => {
      const result = this.#results.get(id);
      return result && hasFailed(result);
    });
    if (failed.length > 0) return skip('dependency_failed', `It needs ${failed.join(' and ')}, which failed.`);
    return check.lane === 'process' ? this.#admission(check) : undefined;
  }

  /** A program is let in when it is likely to be done in time. */
  #admission({ id }: Check): Outcome | undefined {
    const leftMs = (this.#startNs + this.#budgetNs - nowNs()) / 1e6;
    if (leftMs === Number.POSITIVE_INFINITY) return undefined;
    const { history } = this.#asked;
    const expectedMs = history.expectedMs(id) ?? Number.POSITIVE_INFINITY;
    const halfMs = (this.#budgetNs / 1e6) * shareForUnknown;
    const isKnown = history.isKnown(id);
    if (leftMs >= (isKnown ? expectedMs : Math.min(expectedMs, halfMs))) return undefined;
    const why = isKnown
      ? `it is expected to take ${Math.round(expectedMs)} ms`
      : `how long it takes is not known yet, and it is begun only while half of the time is left`;
    return noTime(this.#asked.profile.id, `It was not begun ${Math.round(leftMs)} ms before the end: ${why}.`);
  }

  async #make(check: Check, place: Place): Promise<void> {
    const { context, listener, history } = this.#asked;
    const aborting = new AbortController();
    const ended = Promise.withResolvers<Ending>();
    const programs = new Programs(context.repository.root, aborting.signal);
    const end = (why: Ending): void => {
      ended.resolve(why);
      aborting.abort(new Error(`ended: ${why}`));
    };
    this.#running.set(check.id, end);
    // Between two cheap checks everything else has its turn.
    await new Promise((done) => setImmediate(done));
    const stint: Stint = new Stint(check.timeoutMs, () => {
      // It may wait for another check that waits for the index: that is nobody's own time.
      if (this.#indexing && check.lane === 'cheap') void this.#indexing.then(() => stint.extend());
      else end('timeout');
    });
    const patience = check.lane === 'cheap' ? after(cheapMs, () => this.#share(place)) : undefined;
    const work = (): Promise<Outcome> =>
      outcomeOf(check, { ...context, repository: this.#repository, signal: aborting.signal, run: programs.run });
    const first = await listener.execute(check, async () => {
      const either = await Promise.race([this.#caller.run({ place, stint }, work), ended.promise]);
      await programs.ended();
      return either;
    });
    clearTimeout(patience);
    const { durationNs, waited } = stint.end();
    if (first === 'budget' || first === 'timeout') history.cut(check.id, durationNs);
    else if (first !== 'stop') history[first.status === 'skip' ? 'skipped' : 'ran'](check.id, durationNs);
    if (programs.calls.length > 0) this.#calls.set(check.id, programs.calls);
    this.#running.delete(check.id);
    place.leave();
    this.#settle(
      check,
      typeof first === 'string' ? this.#outcomeAt(first, check, { durationNs, waited }) : first,
      durationNs,
    );
    this.#go();
  }

  /** Who waits for the index gives its lane to others, and its clock stands still. */
  async #waitFor<T>(index: () => Promise<T>): Promise<T> {
    const caller = this.#caller.getStore();
    if (!caller?.stint.wait()) return index();
    this.#share(caller.place);
    const found = index();
    this.#indexing ??= found.then(noted, noted).then(() => {
      this.#indexing = undefined;
    });
    try {
      return await found;
    } finally {
      caller.stint.goOn();
    }
  }

  #share(place: Place): void {
    place.share();
    this.#go();
  }

  #outcomeAt(ending: Ending, check: Check, { durationNs, waited }: ReturnType<Stint['end']>): Outcome {
    if (ending === 'timeout') return timedOut(check, durationNs);
    const at = waited ? 'while the sources were being read for it' : `after ${Math.round(durationNs / 1e6)} ms`;
    return noTime(this.#asked.profile.id, `It was ended ${at}: the time was used up.`);
  }

  #settle(check: Check, outcome: Outcome, durationNs: number): void {
    const { listener } = this.#asked;
    const result = listener.collect(check, () => resultOf(check, outcome, durationNs));
    this.#results.set(check.id, result);
    listener.ended(check, result);
  }

  /** Everything that runs is ended, and nothing is begun any more. */
  #end(why: Ending): void {
    this.#isOver ??= why;
    for (const end of [...this.#running.values()]) end(why);
    this.#go();
  }
}

const noted = (): void => undefined;

/** What a check says; one that throws says that it crashed, and never takes the run with it. */
async function outcomeOf(check: Check, context: Context): Promise<Outcome> {
  try {
    return await check.run(context);
  } catch (error) {
    return crashed(error);
  }
}
