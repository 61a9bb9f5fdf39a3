/** Follows the cost of lines from a guest's recorder through merging, splitting and reconnecting to the views. */
import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { Recorder } from '../../../../src/core/record/recorder.ts';
import { fileLines, functionLines } from '../../../../src/core/stacks/file-lines.ts';
import { functionTimes } from '../../../../src/core/stacks/function-times.ts';
import { buildStackView } from '../../../../src/core/stacks/stack-view.ts';
import { MergedTotals } from '../../../../src/keeper/merged-totals.ts';
import { SourceStore } from '../../../../src/keeper/source-store.ts';
import { splitBatch } from '../../../../src/probe/link/split-batch.ts';
import { StackRecorder } from '../../../../src/probe/sampling/stack-recorder.ts';
import { type Batch, isBatch } from '../../../../src/protocol/batch/batch.ts';
import { MemoryBudget } from '../../../../src/protocol/batch/memory-budget.ts';
import { salvageBatch } from '../../../../src/protocol/batch/salvage-batch.ts';
import { allThreads, type LineTimes } from '../../../../src/protocol/panel/stack-view.ts';
import { isStacks, type Stacks } from '../../../../src/protocol/stacks.ts';

/** Function with the line that ran or called the next one; line 0 is not known. */
interface SampledEntry {
  readonly id: number;
  readonly line: number;
}

interface SampledLines {
  /** The innermost function first. */
  readonly stack: readonly SampledEntry[];
  readonly cpuNs: number;
}

const names = ['main', 'load', 'parse', 'scan'];
const entry = fc.record({ id: fc.nat({ max: names.length - 1 }), line: fc.nat({ max: 5 }) });
const sampled: fc.Arbitrary<SampledLines> = fc.record({
  stack: fc.array(entry, { minLength: 1, maxLength: 6 }),
  cpuNs: fc.nat({ max: 1000 }),
});
const runOfLines = fc.array(fc.array(sampled, { maxLength: 8 }), { minLength: 1, maxLength: 6 });

function batchesOf(samples: readonly (readonly SampledLines[])[], pid = 1): readonly Batch[] {
  const recorder = new StackRecorder();
  return samples.map((part, sequence) => {
    for (const { stack, cpuNs } of part)
      recorder.add(
        stack.map(({ id }) => id),
        1,
        cpuNs,
        stack.map(({ line }) => line),
      );
    const deltas = recorder.drain();
    const definitions = names.map((name, id) => ({
      id,
      component: 'code',
      name,
      kind: 'function' as const,
      file: '/a.js',
    }));
    return {
      v: 1 as const,
      source: `${pid}.0`,
      sequence,
      atNs: sequence,
      ...(sequence === 0
        ? { hello: { pid, threadId: 0, runtime: 'node', name: 'p', wallStartMs: 0, recordNs: 1 }, definitions }
        : {}),
      ...deltas,
      ...(deltas.stackLines ? { stackLineSource: 'ticks' as const } : {}),
      cost: { events: 0, flushNs: 0 },
    };
  });
}

function stacksAfter(batches: readonly Batch[]): Stacks | undefined {
  const recorder = new Recorder({ components: [], wallStartMs: 0, displayPathOf: () => 'a.js' });
  for (const [index, batch] of batches.entries()) recorder.ingest(batch, (index + 1) * 1e9);
  assert.equal(recorder.dropped.values, 0);
  return recorder.stacks();
}

/** Returns the lines of each function by name, added up in the simplest way. */
function expectedLines(samples: readonly SampledLines[]): Readonly<Record<string, readonly LineTimes[]>> {
  const sums = new Map<string, Map<number, { samples: number; selfNs: number; totalNs: number }>>();
  for (const { stack, cpuNs } of samples) {
    const counted = new Set<string>();
    for (const [depth, { id, line }] of stack.entries()) {
      if (line === 0 || counted.has(`${id} ${line}`)) continue;
      counted.add(`${id} ${line}`);
      const name = names[id] as string;
      const lines = sums.get(name) ?? new Map();
      sums.set(name, lines);
      const sum = lines.get(line) ?? { samples: 0, selfNs: 0, totalNs: 0 };
      lines.set(line, {
        samples: sum.samples + 1,
        selfNs: sum.selfNs + (depth === 0 ? cpuNs : 0),
        totalNs: sum.totalNs + cpuNs,
      });
    }
  }
  return Object.fromEntries(
    [...sums].map(([name, lines]) => [
      name,
      [...lines].map(([line, sum]) => ({ line, ...sum })).sort((left, right) => left.line - right.line),
    ]),
  );
}

function linesByName(stacks: Stacks | undefined): Readonly<Record<string, readonly LineTimes[]>> {
  const { functions = [], threads = [] } = stacks ?? {};
  return Object.fromEntries(
    functions.flatMap(({ name }, index) => {
      const lines = functionLines(threads, index);
      return lines.length > 0 ? [[name, lines]] : [];
    }),
  );
}

function assertLines(stacks: Stacks | undefined, samples: readonly SampledLines[]): void {
  const [actual, expected] = [linesByName(stacks), expectedLines(samples)];
  assert.deepEqual(Object.entries(actual).sort(), Object.entries(expected).sort());
}

describe('the cost of lines', () => {
  it('arrives whole, whether it comes in many batches or in parts of them', () => {
    fc.assert(
      fc.property(runOfLines, fc.integer({ min: 300, max: 2000 }), (samples, maxLength) => {
        const batches = batchesOf(samples);
        assert.ok(batches.every(isBatch));
        assertLines(stacksAfter(batches), samples.flat());
        let sequence = 0;
        const parts = batches.flatMap((batch) =>
          splitBatch(batch, maxLength, (part) => ({ ...part, sequence: sequence++ })).map((text) => JSON.parse(text)),
        );
        assert.ok(parts.every(isBatch));
        assertLines(stacksAfter(parts), samples.flat());
      }),
    );
  });

  it('is the same for a host that connects later or reads slowly', () => {
    fc.assert(
      fc.property(runOfLines, fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }), (samples, mustWait) => {
        const store = new SourceStore(() => assert.fail('a record was lost'));
        const passed: Batch[] = [];
        for (const [index, batch] of batchesOf(samples).entries()) {
          const direct = store.ingest(batch, mustWait[index] ?? false);
          if (direct) passed.push(direct);
          else if (index % 2 === 1) passed.push(...store.drainPending());
        }
        passed.push(...store.drainPending());
        assertLines(stacksAfter(passed), samples.flat());
        assertLines(stacksAfter(store.allBatches()), samples.flat());
      }),
    );
  });

  it('is added up over sources that make room for others', () => {
    fc.assert(
      fc.property(runOfLines, runOfLines, (first, second) => {
        const merged = new MergedTotals(new MemoryBudget(Number.POSITIVE_INFINITY));
        for (const [index, samples] of [first, second].entries()) {
          const store = new SourceStore(() => assert.fail('a record was lost'));
          for (const batch of batchesOf(samples, index + 1)) store.ingest(batch, false);
          for (const batch of store.allBatches()) merged.add(batch);
        }
        assertLines(stacksAfter(merged.batches()), [...first, ...second].flat());
      }),
    );
  });

  it('adds up to the time of each function, with what ran at unknown lines', () => {
    fc.assert(
      fc.property(runOfLines, (samples) => {
        const stacks = stacksAfter(batchesOf(samples));
        if (!stacks) return;
        assert.ok(isStacks(JSON.parse(JSON.stringify(stacks))));
        for (const [index, { name }] of stacks.functions.entries()) {
          const times = functionTimes(stacks.threads[0]?.nodes ?? []).get(index);
          const { details } = buildStackView(stacks, { thread: allThreads, function: index });
          const lines = details?.lines ?? [];
          const sum = lines.reduce((total, { selfNs }) => total + selfNs, 0);
          const unknownNs = samples
            .flat()
            .filter(({ stack: [first] }) => first?.line === 0 && names[first.id] === name)
            .reduce((total, { cpuNs }) => total + cpuNs, 0);
          assert.equal(sum + unknownNs, times?.selfNs ?? 0);
          for (const { totalNs } of lines) assert.ok(totalNs <= (times?.totalNs ?? 0));
        }
        const inFile = fileLines(stacks, 'a.js').reduce((total, { selfNs }) => total + selfNs, 0);
        const inFunctions = stacks.functions.flatMap((_, index) => functionLines(stacks.threads, index));
        assert.equal(
          inFile,
          inFunctions.reduce((total, { selfNs }) => total + selfNs, 0),
        );
        assert.deepEqual(fileLines(stacks, 'b.js'), []);
      }),
    );
  });

  it('is that of the whole run, and absent for a part of it', () => {
    const recorder = new Recorder({ components: [], wallStartMs: 0, displayPathOf: () => 'a.js' });
    const [batch] = batchesOf([[{ stack: [{ id: 0, line: 3 }], cpuNs: 5 }]]);
    assert.ok(batch);
    recorder.ingest(batch, 1e9);
    assert.deepEqual(recorder.stacks()?.threads[0]?.lines, [[0, 3, 1, 5, 5]]);
    assert.equal(recorder.stacks()?.lineSource, 'ticks');
    assert.equal(recorder.stacks({ startNs: 0, endNs: 2e9 })?.threads[0]?.lines, undefined);
  });

  it('is as certain as the less certain of its sources', () => {
    const batches = [1, 2].flatMap((pid) => batchesOf([[{ stack: [{ id: 0, line: 3 }], cpuNs: 5 }]], pid));
    const [first, second] = batches;
    assert.ok(first && second);
    for (const mixed of [
      [first, { ...second, stackLineSource: 'checks' as const }],
      [{ ...first, stackLineSource: 'checks' as const }, second],
    ])
      assert.equal(stacksAfter(mixed)?.lineSource, 'checks');
  });

  it('keeps the valid lines of a damaged batch and counts the others', () => {
    const [batch] = batchesOf([[{ stack: [{ id: 0, line: 3 }], cpuNs: 5 }]]);
    const damaged = { ...batch, stackLines: [[0, 3, 1, 5, 5], [0, 0, 1, 5, 5], [0, 4, 1, -5, 5], [0, 4, 1, 5], 7] };
    const salvaged = salvageBatch(damaged);
    assert.deepEqual(salvaged?.stackLines, [[0, 3, 1, 5, 5]]);
    assert.equal(salvaged?.dropped?.values, 4);
    // The lists beside it are as they were.
    assert.deepEqual(salvageBatch({ ...damaged, stackNodes: [[1, 0, 0], 7] })?.stackNodes, [[1, 0, 0]]);
    const unknownSource = salvageBatch({ ...batch, stackLineSource: 'guess' });
    assert.equal(unknownSource?.stackLineSource, undefined);
    assert.deepEqual(unknownSource?.stackLines, [[0, 3, 1, 5, 5]]);
  });

  it('is limited in each thread, and what there is no room for is counted', () => {
    const recorder = new StackRecorder();
    for (let line = 1; line <= 25_000; line++) recorder.add([0], 1, 2, [line]);
    assert.equal(recorder.drain().stackLines?.length, 20_000);
    assert.equal(recorder.drainDroppedLines(), 5000);
    recorder.add([0], 1, 2, [20_000]);
    assert.deepEqual(recorder.drain().stackLines, [[0, 20_000, 1, 2, 2]]);
    assert.equal(recorder.drainDroppedLines(), 0);
  });
});

describe('isStacks', () => {
  const stacks = { functions: [{ name: 'f', component: 'c' }], threads: [] as unknown[] };
  const thread = { process: 1, thread: 0, name: 't', nodes: [], omitted: 0 };
  const cases: readonly (readonly [string, unknown, boolean])[] = [
    ['a line of a function', [[0, 1, 1, 2, 3]], true],
    ['no lines', undefined, true],
    ['a function that does not exist', [[1, 1, 1, 2, 3]], false],
    ['line 0', [[0, 0, 1, 2, 3]], false],
    ['a negative time', [[0, 1, 1, -2, 3]], false],
    ['too few numbers', [[0, 1, 1, 2]], false],
  ];
  for (const [name, lines, isAccepted] of cases)
    it(`${isAccepted ? 'accepts' : 'refuses'} lines with ${name}`, () => {
      assert.equal(
        isStacks({ ...stacks, threads: [{ ...thread, ...(lines === undefined ? {} : { lines }) }] }),
        isAccepted,
      );
    });
});
