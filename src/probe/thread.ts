/** One thread of the program as a source of batches: what its samples, counters and own words add up to, four times a second. */
import type { Batch, Bye, Hello, ResourceSample } from '../protocol/event.ts';
import { protocolVersion } from '../protocol/event.ts';
import { type CpuProfile, fold } from './fold.ts';
import type { Roster } from './roster.ts';
import type { Subject } from './subject.ts';
import type { Vitals } from './vitals.ts';

/** No sample stands for more than the larger of these: see `fold.ts`. Below 20 ms true time is lost on a busy machine. */
const longestSampleUs = 20_000;
const longestSamples = 20;

export class Thread {
  readonly subject: Subject;
  readonly roster: Roster;
  readonly #hello: Hello;
  #said = false;
  #profiles: CpuProfile[] = [];
  #untilUs = 0;
  #looks = 0;
  #vitals: Vitals | undefined;
  #turning = false;
  ended = false;

  constructor(subject: Subject, roster: Roster, hello: Hello) {
    this.subject = subject;
    this.roster = roster;
    this.#hello = hello;
  }

  /** A recording has ended. It waits until the thread has told which maps its code has. */
  recorded(profile: CpuProfile): void {
    this.#profiles.push(profile);
  }

  /** Looks taken since the last call. */
  takeLooks(): number {
    const looks = this.#looks;
    this.#looks = 0;
    return looks;
  }

  /** Starts the next recording; false while the thread has not yet answered the last time. */
  async turn(onVitals: (vitals: Vitals) => void): Promise<boolean> {
    if (this.#turning || this.ended) return false;
    this.#turning = true;
    try {
      this.#absorb(await this.subject.rotate(), onVitals);
      return true;
    } finally {
      this.#turning = false;
    }
  }

  async finish(onVitals: (vitals: Vitals) => void): Promise<void> {
    this.ended = true;
    await this.subject.stop();
    this.#absorb(await this.subject.rotate(), onVitals);
  }

  batch(
    atNs: number,
    cost: Batch['cost'],
    more: { readonly resources?: ResourceSample; readonly bye?: Bye },
  ): Batch | undefined {
    const { definitions, samples } = this.roster.take();
    const gauges = this.#vitals?.gauges ?? [];
    this.#vitals = undefined;
    const { resources, bye } = more;
    if (this.#said && !definitions.length && !samples.length && !gauges.length && !resources && !bye) return undefined;
    const hello = this.#said ? undefined : this.#hello;
    this.#said = true;
    return {
      v: protocolVersion,
      source: `${this.#hello.pid}.${this.#hello.threadId}`,
      sequence: 0,
      atNs,
      ...(hello ? { hello } : {}),
      ...(definitions.length ? { definitions } : {}),
      ...(samples.length ? { samples, samplingNs: this.subject.intervalNs } : {}),
      ...(gauges.length ? { gauges } : {}),
      ...(resources ? { resources } : {}),
      cost,
      ...(bye ? { bye } : {}),
    };
  }

  #absorb(told: unknown, onVitals: (vitals: Vitals) => void): void {
    const vitals = told as Vitals | undefined;
    if (vitals) onVitals(vitals);
    this.#vitals = vitals ?? this.#vitals;
    for (const profile of this.#profiles.splice(0)) {
      this.#looks += fold(
        profile,
        {
          operationOf: (frame) => this.roster.ofFrame(frame),
          afterUs: this.#untilUs,
          longestUs: Math.max(longestSampleUs, (longestSamples * this.subject.intervalNs) / 1000),
        },
        this.roster.shares,
      );
      this.#untilUs = profile.endTime;
    }
  }
}
