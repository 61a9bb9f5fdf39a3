/**
 * Checks the rule that what is lost is counted: calls sent = calls recorded + calls dropped, for everything that arrives,
 * however it arrives.
 */
import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { limits, Recorder } from '../../../src/core/record/recorder.ts';
import { SourceStore } from '../../../src/keeper/source-store.ts';
import { maxSequenceGap } from '../../../src/protocol/batch/limits.ts';
import { callsIn, salvageBatch } from '../../../src/protocol/batch/salvage-batch.ts';
import { isRecord } from '../../../src/protocol/schema.ts';

type Message = Readonly<Record<string, unknown>>;

/** A host as `Recording` is one: salvages, records, and counts what is not a batch. */
class Host {
  readonly recorder = new Recorder({ components: [], wallStartMs: 0, displayPathOf: (file) => file });
  #nowNs = 0;

  receive(message: unknown, isPast = false): void {
    this.#nowNs += 1e6;
    const batch = salvageBatch(message);
    if (batch) this.recorder.ingest(batch, this.#nowNs, isPast);
    else this.recorder.reject({ batches: 1, calls: callsIn(message) });
  }

  get calls(): number {
    return [...this.recorder.operations.values()].reduce((sum, { count }) => sum + count, 0);
  }

  /** Recorded and dropped calls. */
  get accounted(): number {
    return this.calls + this.recorder.dropped.calls;
  }
}

function hello(pid: number, wallStartMs: number): object {
  return { pid, threadId: 0, runtime: 'x', name: `${pid}`, wallStartMs, recordNs: 1 };
}

function delta(id: unknown, count: unknown): object {
  return { id, count, errors: 0, totalNs: 5, hits: 0, misses: 0, buckets: [5, 1] };
}

function message(source: string, sequence: number, changes: Message = {}): Message {
  return { v: 1, source, sequence, atNs: 0, cost: { events: 0, flushNs: 0 }, ...changes };
}

const oddDelta = fc.constantFrom<unknown>(
  null,
  'x',
  delta('x', 3),
  delta(0, -3),
  delta(0, 2.5),
  delta(0, null),
  { count: 4 },
  7,
);
const goodDelta = fc
  .record({ id: fc.integer({ min: 0, max: 6 }), count: fc.nat(50) })
  .map(({ id, count }) => delta(id, count));
const oddRest = fc.constantFrom<Message>(
  {},
  {},
  { gauges: [{ component: 'c', name: 'g', value: true, unit: '1' }] },
  { counters: [{ component: 'c', name: 'n', delta: null }] },
  { definitions: 7 },
  { dropped: { calls: 3 } },
  { dropped: { calls: -3, values: 'x' } },
  { cost: undefined },
  { spans: [{ id: 99, startNs: 0, durationNs: 1 }, null] },
  { bye: { reason: 'end' } },
);
/** What a program does next: send, send again, lose a batch, or be replaced by another program. */
const step = fc.record({
  source: fc.integer({ min: 1, max: 3 }),
  deltas: fc.array(fc.oneof({ weight: 4, arbitrary: goodDelta }, oddDelta), { maxLength: 5 }),
  rest: oddRest,
  action: fc.constantFrom('send', 'send', 'send', 'repeat', 'lose', 'restart', 'garbage', 'jump'),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

interface Delivery {
  readonly message: Message;
  /** Calls that this delivery adds to what was sent: none for a repeat. */
  readonly calls: number;
}

/** Plays steps and returns what arrives. */
function play(steps: readonly Step[]): Delivery[] {
  const programs = new Map<number, { next: number; startMs: number; last: Message | undefined }>();
  return steps.flatMap(({ source, deltas, rest, action }) => {
    const program = programs.get(source) ?? { next: 0, startMs: source, last: undefined };
    programs.set(source, program);
    if (action === 'repeat') return program.last ? [{ message: program.last, calls: 0 }] : [];
    if (action === 'lose') {
      program.next++;
      return [];
    }
    if (action === 'restart') Object.assign(program, { next: 0, startMs: program.startMs + 10 });
    const first = {
      hello: hello(source, program.startMs),
      definitions: [0, 1, 2, 3].map((id) => ({ id, component: 'c', name: `f${id}`, kind: 'function' })),
    };
    const changes = { ...(program.next === 0 ? first : {}), operations: deltas, ...rest };
    const plausible = message(`${source}.0`, program.next, changes);
    const sent =
      action === 'garbage'
        ? { ...plausible, v: 9 }
        : action === 'jump'
          ? { ...plausible, sequence: program.next + maxSequenceGap + 1 }
          : plausible;
    if (sent === plausible) Object.assign(program, { next: program.next + 1, last: sent });
    return [{ message: sent, calls: callsIn(sent) + guestDrops(sent) }];
  });
}

/** Returns the calls that the guest itself reports as dropped, which a message that is no batch does not tell. */
function guestDrops({ dropped, v }: Message): number {
  return v === 1 && isRecord(dropped) && dropped['calls'] === 3 ? 3 : 0;
}

const sentBy = (deliveries: readonly Delivery[]): number => deliveries.reduce((sum, { calls }) => sum + calls, 0);

describe('account of calls', () => {
  it('is complete for a host that guests report to directly', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const host = new Host();
        const deliveries = play(steps);
        for (const { message } of deliveries) host.receive(message);
        assert.equal(host.accounted, sentBy(deliveries));
      }),
      { numRuns: 400 },
    );
  });

  it('is complete for every host of a keeper, however slow it is and whenever it connects', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(step, fc.boolean()), { maxLength: 30 }), (steps) => {
        const lost = { batches: 0, calls: 0 };
        const store = new SourceStore(({ batches = 0, calls = 0 }) => {
          lost.batches += batches;
          lost.calls += calls;
        });
        const [host, nextHost] = [new Host(), new Host()];
        const deliveries = play(steps.map(([each]) => each));
        for (const [index, { message }] of deliveries.entries()) {
          const batch = salvageBatch(message);
          if (!batch) lost.calls += callsIn(message);
          const passed = batch && store.ingest(batch, steps[index]?.[1] ?? false);
          if (passed) host.receive(passed);
        }
        for (const batch of store.drainPending()) host.receive(batch);
        for (const batch of store.allBatches()) nextHost.receive(batch, true);
        assert.equal(host.accounted + lost.calls, sentBy(deliveries));
        assert.equal(nextHost.accounted + lost.calls, sentBy(deliveries));
        assert.equal(host.calls, nextHost.calls);
      }),
      { numRuns: 300 },
    );
  });

  it('notices a call that is not counted', () => {
    const host = new Host();
    const deliveries = play([{ source: 1, deltas: [delta(0, 5)], rest: {}, action: 'send' }]);
    for (const { message } of deliveries) host.receive(message);
    host.recorder.dropped.calls--;
    assert.notEqual(host.accounted, sentBy(deliveries));
  });

  it('includes calls of operations beyond the limit and of sources beyond the limit', () => {
    const host = new Host();
    const count = limits.operations + 500;
    for (let first = 0; first < count; first += 10_000) {
      const ids = Array.from({ length: Math.min(10_000, count - first) }, (_, index) => first + index);
      const definitions = ids.map((id) => ({ id, component: 'c', name: `f${id}`, kind: 'function' }));
      const operations = ids.map((id) => delta(id, 2));
      host.receive(message('1.0', first / 10_000, { hello: hello(1, 1), definitions, operations }));
    }
    assert.equal(host.recorder.dropped.calls, 1000);
    assert.equal(host.recorder.operationsOmitted, 500);
    const definitions = [{ id: 0, component: 'c', name: 'f0', kind: 'function' }];
    for (let source = 2; source <= limits.sources + 20; source++)
      host.receive(message(`${source}.0`, 0, { hello: hello(source, 1), definitions, operations: [delta(0, 1)] }));
    assert.equal(host.recorder.dropped.batches, 20);
    assert.equal(host.accounted, 2 * count + limits.sources + 19);
  });

  it('counts a gap as lost batches, but not a number that no sender can have reached', () => {
    const host = new Host();
    host.receive(message('1.0', 0, { hello: hello(1, 1) }));
    host.receive(message('1.0', 5));
    assert.equal(host.recorder.dropped.batches, 4);
    host.receive(message('1.0', Number.MAX_SAFE_INTEGER, { operations: [delta(0, 9)] }));
    assert.deepEqual([host.recorder.dropped.batches, host.recorder.dropped.calls], [5, 9]);
    host.receive(
      message('1.0', 6, {
        definitions: [{ id: 0, component: 'c', name: 'f', kind: 'function' }],
        operations: [delta(0, 1)],
      }),
    );
    assert.deepEqual([host.calls, host.recorder.dropped.batches], [1, 5]);
  });
});
