/** Sequence numbers of batches: how a sender assigns them, and how a receiver detects repeats, losses and restarts. */
import type { Batch, Hello } from './batch.ts';
import { maxSources } from './limits.ts';

/** Numbers the batches that are sent for one source. */
export class BatchNumbering {
  #next = 0;

  number(batch: Batch): Batch {
    return { ...batch, sequence: this.#next++ };
  }

  /** Continues after a cumulative batch, which is number 0. */
  restart(): void {
    this.#next = 1;
  }
}

/** State that every receiver keeps for a source. */
interface SourceState {
  /** Number of the next batch expected; lower ones are repeats. */
  next: number;
  hello?: Hello | undefined;
}

interface SourceTableOptions<Source extends SourceState> {
  /** Creates the state of a new source; `previous` is the program that ran in the same process before. */
  readonly create: (previous: Source | undefined) => Source;
  /** Called when another program replaces the one of a source, before `create`. */
  readonly onReplaced?: (source: Source, name: string) => void;
}

/** The sources of a run with their state, at most `maxSources`. */
export class SourceTable<Source extends SourceState> {
  readonly #options: SourceTableOptions<Source>;
  readonly #sources = new Map<string, Source>();

  constructor(options: SourceTableOptions<Source>) {
    this.#options = options;
  }

  /** All sources with their names, in the order of their first batches. */
  entries(): IterableIterator<[string, Source]> {
    return this.#sources.entries();
  }

  values(): IterableIterator<Source> {
    return this.#sources.values();
  }

  /**
   * Checks the sequence number of a batch. Returns its source and the number of lost batches. Without a source, the batch
   * must be ignored, because it is a repeat or there are too many sources.
   */
  receive(batch: Batch): { readonly source?: Source; readonly lost: number } {
    const source = this.#sourceOf(batch);
    if (!source) return { lost: 1 };
    // A guest that reconnects repeats its last batches.
    if (batch.sequence < source.next) return { lost: 0 };
    const lost = batch.sequence - source.next;
    source.next = batch.sequence + 1;
    if (batch.hello) source.hello = batch.hello;
    return { source, lost };
  }

  #sourceOf(batch: Batch): Source | undefined {
    const existing = this.#sources.get(batch.source);
    if (existing && !startsNewProgram(batch, existing.hello)) return existing;
    if (existing) this.#replace(batch.source, existing);
    if (this.#sources.size >= maxSources) return undefined;
    const source = this.#options.create(existing);
    this.#sources.set(batch.source, source);
    return source;
  }

  /** Keeps the state of a program whose process now runs another one, under a name with its start time. */
  #replace(name: string, source: Source): void {
    this.#options.onReplaced?.(source, name);
    this.#sources.delete(name);
    this.#sources.set(`${name} ${source.hello?.wallStartMs}`, source);
  }
}

/**
 * Returns true if a batch is the first of another program in the same process, since `exec` keeps the process ID. A
 * repeated first batch has the same start time.
 */
function startsNewProgram({ sequence, hello }: Batch, previous: Hello | undefined): boolean {
  return sequence === 0 && hello !== undefined && previous !== undefined && hello.wallStartMs !== previous.wallStartMs;
}
