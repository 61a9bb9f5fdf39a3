/** Compares trees of spans with sums over all pairs of spans, in any order of arrival. */
import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { SpanAssembler } from '../../../../src/node/otlp/translate/span-assembler.ts';
import type { SpanDeltas } from '../../../../src/protocol/batch/stacks/span-deltas.ts';

interface PlannedSpan {
  readonly key: string;
  readonly parentKey?: string | undefined;
  readonly id: number;
  readonly start: number;
  readonly duration: number;
}

/** Adds up the deltas of a tree: spans and time by path of operation IDs. */
class Sums {
  readonly #nodes = new Map<number, string>([[0, '']]);
  readonly paths = new Map<string, { spans: number; wallNs: number }>();

  add({ spanNodes = [], spanTimes = [] }: SpanDeltas): void {
    for (const [node, parent, id] of spanNodes) this.#nodes.set(node, `${this.#nodes.get(parent)}/${id}`);
    for (const [node, spans, wallNs] of spanTimes) {
      const path = this.#nodes.get(node) ?? 'missing';
      const sum = this.paths.get(path) ?? { spans: 0, wallNs: 0 };
      this.paths.set(path, { spans: sum.spans + spans, wallNs: sum.wallNs + wallNs });
    }
  }

  get totalNs(): number {
    return [...this.paths.values()].reduce((sum, { wallNs }) => sum + wallNs, 0);
  }

  get spans(): number {
    return [...this.paths.values()].reduce((sum, { spans }) => sum + spans, 0);
  }
}

function add(assembler: SpanAssembler, { key, parentKey, id, start, duration }: PlannedSpan, nowMs: number): void {
  const keys = parentKey === undefined ? { key } : { key, parentKey };
  assembler.add({ ...keys, id, startNs: 1_700_000_000_000_000_000n + BigInt(start), durationNs: duration }, nowMs);
}

/** Counts spans that arrive in groups, some seconds apart. */
function assemble(...groups: readonly (readonly PlannedSpan[])[]): Sums {
  const assembler = new SpanAssembler();
  const sums = new Sums();
  for (const [index, group] of groups.entries()) {
    for (const span of group) add(assembler, span, index * 5000);
    assembler.fold(index * 5000 + 2000);
    sums.add(assembler.drain());
  }
  assembler.fold(groups.length * 5000, true);
  sums.add(assembler.drain());
  return sums;
}

/** Returns the time of a span in which no span directly inside was in progress, unit by unit. */
function selfOf(span: PlannedSpan, all: readonly PlannedSpan[]): number {
  const inside = all.filter(({ key, parentKey }) => parentKey === span.key && key !== span.key);
  let self = 0;
  for (let unit = span.start; unit < span.start + span.duration; unit++)
    if (!inside.some(({ start, duration }) => unit >= start && unit < start + duration)) self++;
  return self;
}

/** Random forests: the parent of each span is an earlier one, none, or one that never arrives. */
const forest: fc.Arbitrary<readonly PlannedSpan[]> = fc
  .array(
    fc.record({
      parent: fc.integer({ min: -2, max: 20 }),
      id: fc.nat({ max: 4 }),
      start: fc.nat({ max: 60 }),
      duration: fc.nat({ max: 60 }),
    }),
    { minLength: 1, maxLength: 20 },
  )
  .map((drawn) =>
    drawn.map(({ parent, id, start, duration }, index) => ({
      key: `s${index}`,
      parentKey: parent === -1 ? undefined : parent === -2 ? 'missing' : parent < index ? `s${parent}` : undefined,
      id,
      start,
      duration,
    })),
  );

describe('SpanAssembler', () => {
  it('subtracts spans inside once although they overlap', () => {
    const sums = assemble([
      { key: 'a', parentKey: 'root', id: 2, start: 10, duration: 50 },
      { key: 'b', parentKey: 'root', id: 3, start: 30, duration: 50 },
      { key: 'root', id: 1, start: 0, duration: 100 },
    ]);
    assert.deepEqual(Object.fromEntries(sums.paths), {
      '/1': { spans: 1, wallNs: 30 },
      '/1/2': { spans: 1, wallNs: 50 },
      '/1/3': { spans: 1, wallNs: 50 },
    });
  });

  it('counts each span with its time outside of the spans inside, in any order of arrival', () => {
    fc.assert(
      fc.property(
        forest.chain((spans) =>
          fc.tuple(fc.constant(spans), fc.shuffledSubarray([...spans], { minLength: spans.length })),
        ),
        ([spans, arrived]) => {
          const sums = assemble(arrived);
          assert.equal(sums.spans, spans.length);
          assert.equal(
            sums.totalNs,
            spans.reduce((sum, span) => sum + selfOf(span, spans), 0),
          );
          // Paths are those of the spans around.
          const byKey = new Map(spans.map((span) => [span.key, span]));
          const pathOf = (span: PlannedSpan): string => {
            const outer = span.parentKey === undefined ? undefined : byKey.get(span.parentKey);
            return `${outer ? pathOf(outer) : ''}/${span.id}`;
          };
          const expected = new Map<string, number>();
          for (const span of spans) expected.set(pathOf(span), (expected.get(pathOf(span)) ?? 0) + selfOf(span, spans));
          for (const [path, wallNs] of expected) assert.equal(sums.paths.get(path)?.wallNs ?? 0, wallNs, path);
        },
      ),
    );
  });

  it('counts no time twice and loses none if spans arrive after the spans around them were counted', () => {
    fc.assert(
      fc.property(forest, fc.array(fc.boolean(), { minLength: 20, maxLength: 20 }), (drawn, isLate) => {
        // Each span is within the one around it, and those side by side do not overlap: then the tree is as long as its roots.
        const spans: PlannedSpan[] = [];
        const freeFrom = new Map<string | undefined, number>();
        for (const span of drawn) {
          const outer = spans.find(({ key }) => key === span.parentKey);
          if (!outer) {
            const start = freeFrom.get(undefined) ?? 0;
            freeFrom.set(undefined, start + span.duration);
            spans.push({ ...span, parentKey: undefined, start });
            continue;
          }
          const start = freeFrom.get(outer.key) ?? outer.start;
          const duration = Math.min(span.duration, Math.floor((outer.start + outer.duration - start) / 2));
          freeFrom.set(outer.key, start + duration);
          spans.push({ ...span, start, duration });
        }
        const roots = spans.filter(({ parentKey }) => parentKey === undefined);
        const sums = assemble(
          spans.filter((_, index) => !isLate[index]),
          spans.filter((_, index) => isLate[index]),
        );
        assert.equal(sums.spans, spans.length);
        assert.equal(
          sums.totalNs,
          roots.reduce((sum, { duration }) => sum + duration, 0),
        );
      }),
    );
  });

  it('counts spans that are inside of each other once, with one of them as the outermost', () => {
    const sums = assemble([
      { key: 'a', parentKey: 'c', id: 1, start: 0, duration: 100 },
      { key: 'b', parentKey: 'a', id: 2, start: 10, duration: 50 },
      { key: 'c', parentKey: 'b', id: 3, start: 20, duration: 10 },
      { key: 'self', parentKey: 'self', id: 4, start: 200, duration: 7 },
    ]);
    assert.equal(sums.spans, 4);
    assert.equal(sums.totalNs, 107);
  });

  it('keeps the time of spans whose outer span arrives after they have waited too long', () => {
    const assembler = new SpanAssembler();
    const sums = new Sums();
    add(assembler, { key: 'in', parentKey: 'out', id: 2, start: 10, duration: 20 }, 0);
    assert.equal(assembler.fold(20_000), false);
    assert.equal(assembler.fold(31_000), true);
    add(assembler, { key: 'out', id: 1, start: 0, duration: 50 }, 40_000);
    assembler.fold(50_000, true);
    sums.add(assembler.drain());
    assert.deepEqual(Object.fromEntries(sums.paths), {
      '/2': { spans: 1, wallNs: 20 },
      '/1': { spans: 1, wallNs: 30 },
    });
  });

  it('counts a span that is sent twice once', () => {
    const span = { key: 'a', id: 1, start: 0, duration: 10 };
    assert.equal(assemble([span, span], [span]).totalNs, 10);
  });

  it('keeps a limited number of spans that wait', () => {
    const assembler = new SpanAssembler();
    const sums = new Sums();
    for (let index = 0; index < 30_000; index++)
      add(assembler, { key: `s${index}`, parentKey: `missing ${index}`, id: 1, start: index, duration: 1 }, 0);
    assembler.fold(1);
    sums.add(assembler.drain());
    assert.equal(sums.spans, 10_000);
    assembler.fold(2, true);
    sums.add(assembler.drain());
    assert.equal(sums.totalNs, 30_000);
  });
});
