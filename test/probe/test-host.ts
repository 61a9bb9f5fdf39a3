/** A host that adds up what it receives, and can stall, drop its connections or be too busy to greet. */
import { createServer, type Server, type Socket } from 'node:net';
import type { Batch, CounterDelta } from '../../src/protocol/batch/batch.ts';
import { isBatch } from '../../src/protocol/batch/batch.ts';
import { SourceTotals } from '../../src/protocol/batch/source-totals.ts';

interface ReceivedSource {
  readonly totals: SourceTotals;
  readonly definedIds: Set<number>;
  next: number;
}

export class TestHost {
  readonly batches: Batch[] = [];
  readonly lineLengths: number[] = [];
  /** Lines that are not valid batches. */
  readonly malformed: string[] = [];
  /** Number of batches missing according to the sequence numbers. */
  lostBatches = 0;
  /** Number of calls of operations that were not defined before. */
  undefinedCalls = 0;
  readonly dropped = { calls: 0, values: 0 };
  readonly notices: string[] = [];
  readonly #sources = new Map<string, ReceivedSource>();
  readonly #guests = new Set<Socket>();
  readonly #server: Server;
  #isReading = true;

  constructor(path: string, name: string, { greets = true } = {}) {
    this.#server = createServer((socket) => {
      this.#guests.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => this.#guests.delete(socket));
      if (greets) socket.write(`${JSON.stringify({ type: 'welcome', host: name })}\n`);
      let partialLine = '';
      socket.setEncoding('utf8').on('data', (chunk: string) => {
        const lines = (partialLine + chunk).split('\n');
        partialLine = lines.pop() ?? '';
        for (const line of lines) this.#receive(line);
      });
      if (!this.#isReading) socket.pause();
    }).listen(path);
  }

  /** Sets whether the host reads what guests send. */
  set isReading(isReading: boolean) {
    this.#isReading = isReading;
    for (const guest of this.#guests) {
      if (isReading) guest.resume();
      else guest.pause();
    }
  }

  get guestCount(): number {
    return this.#guests.size;
  }

  /** Everything that each source has sent, added up. */
  get totals(): Batch[] {
    return [...this.#sources.values()].flatMap(({ totals }) => totals.toBatch() ?? []);
  }

  /** Number of calls over all operations. */
  get count(): number {
    return this.totals.flatMap(({ operations = [] }) => operations).reduce((sum, { count }) => sum + count, 0);
  }

  get counters(): CounterDelta[] {
    return this.totals.flatMap(({ counters = [] }) => counters);
  }

  disconnectGuests(): void {
    for (const guest of this.#guests) guest.destroy();
    this.#guests.clear();
  }

  async close(): Promise<void> {
    this.disconnectGuests();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #receive(line: string): void {
    const message: unknown = JSON.parse(line);
    if (!isBatch(message)) {
      this.malformed.push(line.slice(0, 300));
      return;
    }
    this.lineLengths.push(line.length);
    this.batches.push(message);
    const source = this.#sources.get(message.source) ?? { totals: new SourceTotals(), definedIds: new Set(), next: 0 };
    this.#sources.set(message.source, source);
    if (message.sequence < source.next) return;
    this.lostBatches += message.sequence - source.next;
    source.next = message.sequence + 1;
    source.totals.add(message);
    for (const { id } of message.definitions ?? []) source.definedIds.add(id);
    for (const { id, count } of message.operations ?? []) if (!source.definedIds.has(id)) this.undefinedCalls += count;
    this.dropped.calls += message.dropped?.calls ?? 0;
    this.dropped.values += message.dropped?.values ?? 0;
    this.notices.push(...(message.notices ?? []));
  }
}
