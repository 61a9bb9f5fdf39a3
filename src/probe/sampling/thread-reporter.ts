/** One thread of the program as a source of batches: what its samples, counters and own words add up to, four times a second. */

import { defined } from '../../protocol/defined.ts';
import {
  type Batch,
  type Bye,
  type Hello,
  type OperationDelta,
  type ProbeCost,
  protocolVersion,
  type ResourceSample,
} from '../../protocol/event.ts';
import { Exact } from '../exact/exact-timing.ts';
import type { Row } from '../exact/loader.ts';
import type { Vitals } from '../preload/thread-stats.ts';
import { pathOf } from '../source/code-owner.ts';
import { type CpuProfile, fold } from './fold-profile.ts';
import type { Roster } from './operation-registry.ts';
import type { Subject } from './thread-profiler.ts';

/** No sample stands for more than the larger of these: see `fold.ts`. Below 20 ms true time is lost on a busy machine. */
const longestSampleUs = 20_000;
const longestSamples = 20;
/** Files that no runtime reads without a compiler. */
const compiledTypes = /\.([cm]?tsx?|jsx)(\?|$)/;

export class Thread {
  readonly subject: Subject;
  readonly roster: Roster;
  readonly #hello: Hello;
  #said = false;
  #profiles: CpuProfile[] = [];
  #untilUs = 0;
  #looks = 0;
  #gcNs = 0;
  #vitals: Vitals | undefined;
  #turning = false;
  #reported: ProbeCost = { events: 0, flushNs: 0 };
  #flushNs = 0;
  #exact: Exact | undefined;
  /** Rows of which the counters have not come yet. */
  #waiting: Row[] = [];
  #lookups = { hits: 0, misses: 0 };
  readonly #asked = new Set<string>();
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

  /** The counters of wrapped functions: from the thread itself, once there is one. */
  share(memory: SharedArrayBuffer): void {
    this.#exact ??= new Exact(memory);
    for (const row of this.#waiting.splice(0)) this.#enlist(row);
  }

  /** What the program reports of itself, as a batch of this source. */
  adopt(batch: Batch): Batch {
    const { hello: _hello, bye: _bye, resources: _resources, ...told } = batch;
    this.#reported = batch.cost;
    const hello = this.#introduce();
    return { ...told, source: this.#source, ...defined({ hello }), cost: this.#cost(this.#flushNs) };
  }

  /** Nanoseconds that timing may take until the next beat. */
  budget(forTimingNs: number): void {
    this.#exact?.budget(forTimingNs);
  }

  /** Looks taken since the last call. */
  takeLooks(): number {
    const looks = this.#looks;
    this.#looks = 0;
    return looks;
  }

  /** Time of the garbage collector since the last call, as the looks saw it. */
  takeGcNs(): number {
    const gcNs = this.#gcNs;
    this.#gcNs = 0;
    return gcNs;
  }

  /** Starts the next recording; false while the thread has not yet answered the last time. */
  async turn(onVitals: (vitals: Vitals) => void): Promise<boolean> {
    if (this.#turning || this.ended) return false;
    this.#turning = true;
    try {
      await this.#absorb(await this.subject.rotate(), onVitals);
      return true;
    } finally {
      this.#turning = false;
    }
  }

  async finish(onVitals: (vitals: Vitals) => void): Promise<void> {
    this.ended = true;
    await this.subject.stop();
    await this.#absorb(await this.subject.rotate(), onVitals);
  }

  batch(
    atNs: number,
    flushNs: number,
    more: { readonly resources?: ResourceSample; readonly bye?: Bye },
  ): Batch | undefined {
    const operations = [...(this.#exact?.take() ?? []), ...this.#takeLookups()];
    const { definitions, samples } = this.roster.take();
    const gauges = this.#vitals?.gauges ?? [];
    this.#vitals = undefined;
    const { resources, bye } = more;
    if (
      this.#said &&
      !definitions.length &&
      !operations.length &&
      !samples.length &&
      !gauges.length &&
      !resources &&
      !bye
    )
      return undefined;
    const hello = this.#introduce();
    return {
      v: protocolVersion,
      source: this.#source,
      sequence: 0,
      atNs,
      ...defined({ hello }),
      ...(definitions.length ? { definitions } : {}),
      ...(operations.length ? { operations } : {}),
      ...(samples.length ? { samples, samplingNs: this.subject.intervalNs } : {}),
      ...(gauges.length ? { gauges } : {}),
      ...defined({ resources }),
      cost: this.#cost(flushNs),
      ...defined({ bye }),
    };
  }

  get #source(): string {
    return `${this.#hello.pid}.${this.#hello.threadId}`;
  }

  /** Who speaks, the first time. */
  #introduce(): Hello | undefined {
    const hello = this.#said ? undefined : this.#hello;
    this.#said = true;
    return hello;
  }

  #cost(flushNs: number): ProbeCost {
    this.#flushNs = flushNs;
    return { events: (this.#exact?.timed ?? 0) + this.#reported.events, flushNs: flushNs + this.#reported.flushNs };
  }

  async #absorb(told: unknown, onVitals: (vitals: Vitals) => void): Promise<void> {
    const vitals = told as Vitals | undefined;
    const profiles = this.#profiles.splice(0);
    if (vitals) this.#hear(vitals, onVitals);
    const maps = await this.#askForMaps(profiles);
    if (vitals && maps.length > 0) onVitals({ ...vitals, spentMs: 0, startMs: 0, maps });
    for (const profile of profiles) {
      const { looks, gcNs } = fold(
        profile,
        {
          operationOf: (frame) => this.roster.ofFrame(frame),
          afterUs: this.#untilUs,
          longestUs: Math.max(longestSampleUs, (longestSamples * this.subject.intervalNs) / 1000),
        },
        this.roster.shares,
      );
      this.#looks += looks;
      this.#gcNs += gcNs;
      this.#untilUs = profile.endTime;
    }
  }

  #hear(vitals: Vitals, onVitals: (vitals: Vitals) => void): void {
    onVitals(vitals);
    this.#vitals = vitals;
    this.#lookups.hits += vitals.hits;
    this.#lookups.misses += vitals.misses;
    for (const { file, shifts, rows } of vitals.wrapped) {
      this.roster.shift(file, shifts);
      for (const row of rows) this.#enlist(row);
    }
  }

  #enlist(row: Row): void {
    if (this.#exact) this.#exact.enlist(row, this.roster.ofPlace(row.name, row));
    else this.#waiting.push(row);
  }

  /** Loaders that compile in memory may leave the map with Node; asked once for each file of another language. */
  async #askForMaps(profiles: readonly CpuProfile[]): Promise<Vitals['maps']> {
    const files = new Set<string>();
    for (const { nodes } of profiles) {
      for (const { callFrame } of nodes) {
        if (this.#asked.has(callFrame.url) || !compiledTypes.test(callFrame.url)) continue;
        this.#asked.add(callFrame.url);
        const file = pathOf(callFrame.url);
        if (file) files.add(file);
      }
    }
    return files.size > 0 ? this.subject.mapsOf([...files]) : [];
  }

  #takeLookups(): OperationDelta[] {
    const { hits, misses } = this.#lookups;
    if (hits + misses === 0) return [];
    this.#lookups = { hits: 0, misses: 0 };
    return [{ id: this.roster.named('lru-cache'), count: 0, errors: 0, totalNs: 0, hits, misses, buckets: [] }];
  }
}
