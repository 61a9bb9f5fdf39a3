/** Sequence numbers of batches: how a sender assigns them, and how a receiver detects repeats, losses and restarts. */
import type { Batch, Hello } from './batch.ts';
import { maxSequenceGap, maxSources } from './limits.ts';

/** Numbers the batches that are sent for one source. */
export class BatchNumbering {
  #next = 0;

  /** Returns the batch with its number; the same object if it has that number already. */
  number(batch: Batch): Batch {
    const sequence = this.#next++;
    return batch.sequence === sequence ? batch : { ...batch, sequence };
  }

  /** Continues after a cumulative batch, which is number 0. */
  restart(): void {
    this.#next = 1;
  }
}

/** State that every receiver keeps for a source. */
export interface SourceState {
  /** Number of the next batch expected; lower ones are repeats. */
  next: number;
  hello?: Hello | undefined;
  /** True if the source has sent its last batch, or another program has replaced it. */
  ended: boolean;
}

/** Result of receiving a batch. A refused batch is lost: there is no room for its source, or its number is implausible. */
export type Arrival<Source> =
  | { readonly kind: 'accepted'; readonly source: Source; readonly lostBatches: number }
  | { readonly kind: 'repeated' }
  | { readonly kind: 'refused' };

interface SourceTableOptions<Source extends SourceState> {
  /** Creates the state of a new source; `previous` is the program that ran in the same process before. */
  readonly create: (previous: Source | undefined) => Source;
  /** Called when another program replaces the one of a source, before `create`. */
  readonly onReplaced?: (source: Source, name: string) => void;
  /** Called when a source that has ended or is silent makes room for another one, with the name of its batches. */
  readonly onRetired?: (source: Source, name: string) => void;
}

/** Maximum number of retired sources whose late repeats are recognized. */
const maxRetired = 2000;
/** Time without a batch after which a source may have been killed, so that it makes room if the table is full. */
const silentAfterNs = 5e9;

/** Memory of a source that made room for another one. */
interface RetiredSource {
  readonly next: number;
  readonly wallStartMs: number | undefined;
}

/**
 * The sources of a run with their state. At most `maxSources` report at the same time; those that have ended make room for
 * new ones.
 */
export class SourceTable<Source extends SourceState> {
  readonly #options: SourceTableOptions<Source>;
  readonly #sources = new Map<string, Source>();
  readonly #retired = new Map<string, RetiredSource>();
  readonly #lastBatchNs = new WeakMap<Source, number>();

  constructor(options: SourceTableOptions<Source>) {
    this.#options = options;
  }

  /** All sources with their names, in the order of their first batches. */
  entries(): IterableIterator<[string, Source]> {
    return this.#sources.entries();
  }

  get size(): number {
    return this.#sources.size;
  }

  values(): IterableIterator<Source> {
    return this.#sources.values();
  }

  /** Checks the sequence number of a batch and returns its source. `nowNs` is a time of the receiver's own clock. */
  receive(batch: Batch, nowNs: number): Arrival<Source> {
    const existing = this.#existing(batch);
    const next = existing?.next ?? this.#retiredNext(batch);
    // A guest that reconnects repeats its last batches.
    if (batch.sequence < next) return { kind: 'repeated' };
    if (batch.sequence - next > maxSequenceGap) return { kind: 'refused' };
    const source = existing ?? this.#create(batch, nowNs);
    if (!source) return { kind: 'refused' };
    source.next = batch.sequence + 1;
    if (batch.hello) source.hello = batch.hello;
    source.ended ||= batch.bye !== undefined;
    this.#lastBatchNs.set(source, nowNs);
    return { kind: 'accepted', source, lostBatches: batch.sequence - next };
  }

  #existing(batch: Batch): Source | undefined {
    const existing = this.#sources.get(batch.source);
    return existing && !startsNewProgram(batch, existing.hello?.wallStartMs) ? existing : undefined;
  }

  /** Returns the number of the next batch of a source that is not in the table. */
  #retiredNext(batch: Batch): number {
    const retired = this.#sources.has(batch.source) ? undefined : this.#retired.get(batch.source);
    return retired && !startsNewProgram(batch, retired.wallStartMs) ? retired.next : 0;
  }

  #create(batch: Batch, nowNs: number): Source | undefined {
    const previous = this.#sources.get(batch.source);
    if (previous) this.#replace(batch.source, previous);
    if (!this.#makeRoom(nowNs)) return undefined;
    const source = this.#options.create(previous);
    this.#sources.set(batch.source, source);
    this.#retired.delete(batch.source);
    return source;
  }

  /** Keeps the state of a program whose process now runs another one, under a name with its start time. */
  #replace(name: string, source: Source): void {
    this.#options.onReplaced?.(source, name);
    source.ended = true;
    this.#sources.delete(name);
    this.#sources.set(`${name} ${source.hello?.wallStartMs}`, source);
  }

  /** Retires a source if the table is full: the first one that has ended, otherwise the one that is silent for longest. */
  #makeRoom(nowNs: number): boolean {
    if (this.#sources.size < maxSources) return true;
    let silent: { readonly name: string; readonly source: Source; readonly lastNs: number } | undefined;
    for (const [name, source] of this.#sources) {
      if (source.ended) return this.#retire(name, source);
      const lastNs = this.#lastBatchNs.get(source) ?? 0;
      if (!silent || lastNs < silent.lastNs) silent = { name, source, lastNs };
    }
    if (!silent || nowNs - silent.lastNs < silentAfterNs) return false;
    return this.#retire(silent.name, silent.source);
  }

  #retire(name: string, source: Source): true {
    this.#sources.delete(name);
    this.#retired.set(name, { next: source.next, wallStartMs: source.hello?.wallStartMs });
    const [oldest] = this.#retired.keys();
    if (this.#retired.size > maxRetired && oldest !== undefined) this.#retired.delete(oldest);
    this.#options.onRetired?.(source, name);
    return true;
  }
}

/**
 * Returns true if a batch is the first of another program in the same process, since `exec` keeps the process ID. A
 * repeated first batch has the same start time. A program whose first batch was lost has no start time.
 */
function startsNewProgram({ sequence, hello }: Batch, previousStartMs: number | undefined): boolean {
  return sequence === 0 && hello !== undefined && hello.wallStartMs !== previousStartMs;
}
