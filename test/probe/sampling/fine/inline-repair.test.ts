/** Repairs synthetic profiles whose samples V8 would have attributed to the function into which others were inlined. */
import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { InlineRepair } from '../../../../src/probe/sampling/fine/inline-repair.ts';
import { outlineSource } from '../../../../src/probe/sampling/fine/source-outline.ts';
import { type CallFrame, type CpuProfile, foldProfile } from '../../../../src/probe/sampling/fold-profile.ts';
import { StackRecorder } from '../../../../src/probe/sampling/stack-recorder.ts';
import { stackTimes } from '../../stack-times.ts';

/** Line numbers are in the texts, so that a mistake is seen at once. */
const catalog = `export function search(items) { // 1
  return rank(items); // 2
} // 3
function rank(items) { // 4
  return [...items].sort((a, b) => score(b) - score(a)); // 5
} // 6
function score(item) { // 7
  let total = 0; // 8
  for (const letter of item) total += cost(letter); // 9
  return total; // 10
} // 11
function cost(letter) { // 12
  return letter.charCodeAt(0) % 7; // 13
} // 14
function unrelated() { // 15
  return 1; // 16
} // 17
const half = (value) => value / 2; // 18
export function callsBack(list) { // 19
  return list.map((value) => { // 20
    const doubled = 2 * value; // 21
    return doubled; // 22
  }); // 23
} // 24
class Cart { // 25
  price(item) { // 26
    return this.#tax(item); // 27
  } // 28
  #tax(item) { // 29
    return item / 5; // 30
  } // 31
} // 32
export function left(x) { // 33
  return shared(x); // 34
} // 35
export function right(x) { // 36
  return shared(x) + left(x); // 37
} // 38
function shared(x) { // 39
  return deep(x); // 40
} // 41
function deep(x) { // 42
  return x * 2; // 43
} // 44
export function both(x) { // 45
  return once(x) + twice(x); // 46
} // 47
function once(x) { // 48
  return base(x); // 49
} // 50
function twice(x) { // 51
  return base(x) + base(x); // 52
} // 53
function base(x) { // 54
  return x + 1; // 55
} // 56
for (let round = 0; round < 9; round++) score('abc'); // 57
`;

const shop = `import { weigh } from './weigh.mjs'; // 1
export function total(list) { // 2
  let sum = 0; // 3
  for (const item of list) sum += weigh(item); // 4
  return sum; // 5
} // 6
const until = Date.now() + 5; // 7
let rounds = 0; // 8
while (Date.now() < until) { // 9
  rounds += total([]); // 10
} // 11
`;

const weigh = `// 1
// 2
// 3
// 4
// 5
// 6
export function weigh(item) { // 7
  let sum = 0; // 8
  for (const letter of item) sum += letter; // 9
  return sum; // 10
} // 11
export function lift(item) { // 12
  return item; // 13
} // 14
`;

const texts: Readonly<Record<string, string>> = {
  '/w/catalog.mjs': catalog,
  '/w/shop.mjs': shop,
  '/w/weigh.mjs': weigh,
};

function createRepair(files: Readonly<Record<string, string>> = texts): InlineRepair {
  const outlines = new Map(Object.entries(files).map(([file, text]) => [file, outlineSource(text)]));
  return new InlineRepair(
    {
      get: (file) => outlines.get(file),
      importsOf: (file) => (outlines.get(file)?.imports ?? []).map((path) => `/w/${path.slice(2)}`),
    },
    (_file, _line, column) => column,
  );
}

/** Returns the frame of the function whose head is at this line, as V8 reports it. */
function frameAt(file: string, line: number, functionName: string): CallFrame {
  const text = (texts[file] ?? '').split('\n')[line - 1] ?? '';
  const columnNumber =
    functionName === '' ? text.search(/\(\w*(, \w*)?\) =>/) : text.indexOf('(', text.indexOf(functionName));
  return { functionName, url: `file://${file}`, lineNumber: line - 1, columnNumber };
}

const top = (file: string): CallFrame => ({ functionName: '', url: `file://${file}`, lineNumber: 0, columnNumber: 0 });

/** Returns a profile with a chain of calls and one sample in the innermost function. */
function chain(...frames: readonly CallFrame[]): CpuProfile {
  const nodes = frames.map((callFrame, index) => ({
    id: index + 1,
    callFrame,
    ...(index + 1 < frames.length ? { children: [index + 2] } : { positionTicks: [{ line: 1, ticks: 5 }] }),
  }));
  return { nodes, startTime: 0, endTime: 1 };
}

const file = '/w/catalog.mjs';
const rank = frameAt(file, 4, 'rank');
const comparator = frameAt(file, 5, '');
const search = frameAt(file, 1, 'search');

describe('InlineRepair', () => {
  /** Frame that V8 reports, line, functions that were inlined, and the line that is shown. */
  const cases: readonly (readonly [title: string, frame: CallFrame, line: number, inlined: string, shown?: number])[] =
    [
      ['leaves a line of the function alone', rank, 5, ''],
      ['finds the function that is called', comparator, 8, 'score'],
      ['finds a chain of functions', comparator, 13, 'score > cost'],
      ['finds a longer chain', rank, 13, '(anonymous) > score > cost'],
      ['finds the chain through a function that nothing calls by name', search, 10, 'rank > (anonymous) > score'],
      ['finds a function that is not called by name, if the line belongs to no other', comparator, 18, 'half'],
      ['finds the callback that is written inside', frameAt(file, 19, 'callsBack'), 21, '(anonymous)'],
      ['keeps a line that the function shares with its callback', frameAt(file, 19, 'callsBack'), 20, ''],
      ['finds a private method', frameAt(file, 26, 'price'), 30, '#tax'],
      ['shows a function directly if there are several ways to it', frameAt(file, 45, 'both'), 55, 'base'],
      ['takes the shortest way', frameAt(file, 36, 'right'), 43, 'shared > deep'],
      ['does not know a line that is beyond the end of the file', rank, 400, '', 0],
      ['finds a function of an imported file', frameAt('/w/shop.mjs', 2, 'total'), 9, 'weigh'],
      ['finds the function of code that runs once', top('/w/shop.mjs'), 8, 'total > weigh'],
      ['finds the chain from code outside of all functions', top(file), 13, 'score > cost'],
      ['keeps a line of a loop outside of all functions', top('/w/shop.mjs'), 10, ''],
      ['does not guess a function of another file that is not called', frameAt('/w/shop.mjs', 2, 'total'), 13, '', 0],
    ];
  for (const [title, frame, line, inlined, shown = line] of cases)
    it(title, () => {
      const repair = createRepair();
      repair.learn(chain(frame));
      repair.learn(chain(comparator));
      const tick = repair.repair(frame, line);
      const names = tick.inlined.map(({ functionName }) => functionName || '(anonymous)').join(' > ');
      assert.deepEqual([names, tick.line], [inlined, shown]);
    });

  it('prefers a function that V8 has shown as a callee', () => {
    const files = {
      '/w/a.mjs': `function run(x) { // 1\n  return x.go(); // 2\n} // 3\n`,
      '/w/b.mjs': `// 1\n// 2\n// 3\nexport const b = { // 4\n  go() { // 5\n    return 1; // 6\n  } // 7\n};\n`,
      '/w/c.mjs': `// 1\n// 2\n// 3\nexport const c = { // 4\n  go() { // 5\n    return 2; // 6\n  } // 7\n};\n`,
    };
    const run: CallFrame = { functionName: 'run', url: 'file:///w/a.mjs', lineNumber: 0, columnNumber: 12 };
    const goIn = (name: string): CallFrame => ({
      functionName: 'go',
      url: `file:///w/${name}.mjs`,
      lineNumber: 4,
      columnNumber: 4,
    });
    const repair = createRepair(files);
    repair.learn(chain(run));
    for (const name of ['b', 'c']) repair.learn(chain(goIn(name)));
    assert.deepEqual(repair.repair(run, 6), { inlined: [], line: 0 }, 'both are possible');
    repair.learn(chain(run, goIn('c')));
    assert.deepEqual(repair.repair(run, 6), { inlined: [goIn('c')], line: 6 });
  });

  it('uses the frame that V8 has reported for a function', () => {
    const repair = createRepair();
    const score = { ...frameAt(file, 7, 'score'), functionName: 'score as V8 names it' };
    repair.learn(chain(comparator));
    assert.equal(repair.repair(comparator, 8).inlined[0]?.functionName, 'score');
    repair.learn(chain(score));
    assert.deepEqual(repair.repair(comparator, 8).inlined, [score]);
  });

  it('knows only that a line in front of a function is wrong if its source text is not known', () => {
    const frame: CallFrame = { functionName: 'f', url: 'file:///elsewhere.js', lineNumber: 9, columnNumber: 0 };
    const repair = createRepair();
    repair.learn(chain(frame));
    assert.deepEqual(repair.repair(frame, 12), { inlined: [], line: 12 });
    assert.deepEqual(repair.repair(frame, 3), { inlined: [], line: 0 });
  });

  it('finds the functions that were inlined between two that V8 reports', () => {
    const repair = createRepair();
    const cost = frameAt(file, 12, 'cost');
    repair.learn(chain(search, rank, comparator, cost));
    const namesBetween = (caller: CallFrame, callee: CallFrame): string =>
      repair
        .between(caller, callee)
        .map(({ functionName }) => functionName || '(anonymous)')
        .join(' > ');
    assert.equal(namesBetween(comparator, cost), 'score');
    assert.equal(namesBetween(search, cost), 'rank > (anonymous) > score');
    assert.equal(namesBetween(rank, comparator), '');
    assert.equal(namesBetween(cost, rank), '');
    assert.equal(namesBetween(frameAt(file, 45, 'both'), frameAt(file, 54, 'base')), '', 'there are two ways');
  });

  it('finds the line of a call if there is one only', () => {
    const repair = createRepair();
    repair.learn(chain(search, rank, comparator));
    const native: CallFrame = { functionName: 'charCodeAt', url: '', lineNumber: -1, columnNumber: -1 };
    repair.learn(chain(frameAt(file, 12, 'cost')));
    assert.equal(repair.callLine(search, rank), 2);
    assert.equal(repair.callLine(rank, comparator), 5);
    assert.equal(repair.callLine(frameAt(file, 12, 'cost'), native), 13);
    assert.equal(repair.callLine(rank, frameAt(file, 12, 'cost')), 0);
  });
});

describe('foldProfile with lines', () => {
  const ids = new Map<string, number>();
  const idOf = ({ functionName }: CallFrame): number => {
    const id = ids.get(functionName) ?? ids.size;
    ids.set(functionName, id);
    return id;
  };

  it('adds the inlined functions below the one that V8 reports, with their lines', () => {
    const repair = createRepair();
    const profile: CpuProfile = {
      nodes: [
        { id: 1, callFrame: search, children: [2] },
        { id: 2, callFrame: rank, children: [3] },
        {
          id: 3,
          callFrame: comparator,
          positionTicks: [
            { line: 5, ticks: 1 },
            { line: 9, ticks: 4 },
            { line: 13, ticks: 3 },
          ],
        },
      ],
      startTime: 0,
      endTime: 9000,
      samples: [3, 3, 3, 3, 3, 3, 3, 3],
      timeDeltas: Array.from({ length: 8 }, () => 1000),
    };
    repair.learn(profile);
    const recorder = new StackRecorder();
    const lines = {
      repair: (frame: CallFrame, line: number) => repair.repair(frame, line),
      between: (caller: CallFrame, callee: CallFrame) => repair.between(caller, callee),
      callLine: (caller: CallFrame, callee: CallFrame) => repair.callLine(caller, callee),
      lineOf: (_id: number, _frame: CallFrame, line: number) => line,
    };
    foldProfile(
      profile,
      { idOf, afterUs: -1, maxSampleUs: 20_000, maxTotalUs: Number.POSITIVE_INFINITY, lines },
      recorder,
    );
    const deltas = recorder.drain();
    const nameOf = new Map([...ids].map(([name, id]) => [id, name || 'comparator']));
    const times = Object.fromEntries([...stackTimes(deltas)].map(([id, time]) => [nameOf.get(id), time]));
    assert.deepEqual(times, {
      search: { samples: 8, selfNs: 0, totalNs: 8e6 },
      rank: { samples: 8, selfNs: 0, totalNs: 8e6 },
      comparator: { samples: 8, selfNs: 1e6, totalNs: 8e6 },
      score: { samples: 7, selfNs: 4e6, totalNs: 7e6 },
      cost: { samples: 3, selfNs: 3e6, totalNs: 3e6 },
    });
    const byPlace = (deltas.stackLines ?? []).map(([id, line, ...sums]) => [nameOf.get(id), line, ...sums]);
    assert.deepEqual(byPlace.sort(), [
      ['comparator', 5, 8, 1e6, 8e6],
      ['cost', 13, 3, 3e6, 3e6],
      ['rank', 5, 8, 0, 8e6],
      ['score', 9, 7, 4e6, 7e6],
      ['search', 2, 8, 0, 8e6],
    ]);
  });

  it('gives all time to lines that are known or not, whatever the ticks are', () => {
    const ticks = fc.array(fc.record({ line: fc.integer({ min: 1, max: 60 }), ticks: fc.nat({ max: 50 }) }), {
      maxLength: 8,
    });
    const samples = fc.array(fc.record({ node: fc.integer({ min: 1, max: 3 }), us: fc.nat({ max: 5000 }) }), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(ticks, ticks, samples, fc.integer({ min: 1, max: 100_000 }), (first, second, taken, maxTotalUs) => {
        const profile: CpuProfile = {
          nodes: [
            { id: 1, callFrame: search, children: [2], positionTicks: first },
            { id: 2, callFrame: rank, children: [3], positionTicks: second },
            { id: 3, callFrame: comparator },
          ],
          startTime: 0,
          endTime: taken.reduce((sum, { us }) => sum + us, 0),
          samples: taken.map(({ node }) => node),
          timeDeltas: taken.map((_, index) => taken[index - 1]?.us ?? 0),
        };
        const sumOf = (withLines: boolean): readonly [number, number, number] => {
          const repair = createRepair();
          repair.learn(profile);
          const lines = {
            repair: (frame: CallFrame, line: number) => repair.repair(frame, line),
            between: () => [],
            callLine: () => 0,
            lineOf: (_id: number, _frame: CallFrame, line: number) => line,
          };
          const recorder = new StackRecorder();
          const options = { idOf, afterUs: -1, maxSampleUs: 20_000, maxTotalUs };
          foldProfile(profile, { ...options, ...(withLines ? { lines } : {}) }, recorder);
          const { stackSamples = [], stackLines = [] } = recorder.drain();
          const lineNs = stackLines.reduce((sum, [, , , selfNs]) => sum + selfNs, 0);
          const sampleCount = stackSamples.reduce((sum, [, count]) => sum + count, 0);
          return [stackSamples.reduce((sum, [, , cpuNs]) => sum + cpuNs, 0), sampleCount, lineNs];
        };
        const [[plainNs, plainSamples], [ns, count, lineNs]] = [sumOf(false), sumOf(true)];
        assert.deepEqual([ns, count], [plainNs, plainSamples]);
        assert.ok(lineNs <= ns);
      }),
      { numRuns: 60 },
    );
  });
});
