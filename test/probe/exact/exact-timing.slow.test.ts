/** Checks exact timing against known counts, and that instrumented code behaves like the original. */
import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { transformSync } from 'esbuild';
import { instrument } from '../../../src/probe/exact/instrument.ts';
import { SourceEdits } from '../../../src/probe/exact/source-edits.ts';
import {
  createProgramFolder,
  operationsIn,
  type ProfiledResult,
  type ReportedOperation,
  runPlain,
  runProfiled,
} from '../profiled-program.ts';

const countedProgram = `
function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
class Account {
  #sum = 0;
  add(n) { if (n < 0) throw new RangeError('below zero'); this.#sum += n; return this; }
  get sum() { return this.#sum; }
}
const twice = (x) => x * 2;
async function later(ms) {
  const until = performance.now() + 10;
  while (performance.now() < until);
  await new Promise((done) => setTimeout(done, ms));
  return ms;
}
async function fails() { try { await Promise.reject(new Error('no')); } catch (error) { throw error; } }
function* numbers() { yield 1; yield 2; }
const account = new Account();
for (let i = 0; i < 700; i++) account.add(i);
for (let i = 0; i < 5; i++) try { account.add(-1); } catch (error) { console.log(error.message); }
console.log(fib(15), account.sum, [1, 2, 3].map(twice), [...numbers()], fib.toString(), Account.toString(), twice + '', fib.name, fib.length);
Promise.all([later(60), later(60), later(60)]).then(console.log);
fails().catch((error) => console.log(error.message));
`;

function countedOperations({ batches }: ProfiledResult): ReportedOperation[] {
  return operationsIn(batches).filter(({ count }) => count > 0);
}

describe('exact timing', function () {
  this.timeout(60_000);

  for (const name of ['counted.cjs', 'counted.mjs', 'counted.ts']) {
    it(`counts every call and does not change the output: ${name}`, async () => {
      const cwd = createProgramFolder({
        [name]: countedProgram.replace('fib(n)', name.endsWith('ts') ? 'fib(n: number)' : 'fib(n)'),
      });
      const profiled = await runProfiled([name], { cwd, config: { exact: [{ file: join(cwd, name) }] } });
      const expected = runPlain([name], { cwd });
      assert.deepEqual([profiled.status, profiled.stdout, profiled.stderr], [0, expected.stdout, expected.stderr]);
      const counts = Object.fromEntries(
        countedOperations(profiled).map((operation) => [
          operation.name,
          [operation.count, operation.errors, operation.timed],
        ]),
      );
      assert.deepEqual(
        [
          counts['fib'],
          counts['Account.add'],
          counts['Account.get sum'],
          counts['twice'],
          counts['later'],
          counts['fails'],
        ],
        [
          [1973, 0, 1973],
          [705, 5, 705],
          [1, 0, 1],
          [3, 0, 3],
          [3, 0, 3],
          [1, 1, 1],
        ],
      );
      assert.equal(counts['numbers'], undefined);
      const later = countedOperations(profiled).find((operation) => operation.name === 'later');
      // Three concurrent calls: each waits 60 ms and runs 10 ms, and the later ones also wait for the earlier ones to run.
      assert.ok((later?.totalNs ?? 0) >= 3 * 69e6, `${later?.totalNs}`);
      assert.ok((later?.cpuNs ?? 0) >= 3 * 9e6 && (later?.cpuNs ?? 0) < 0.5 * (later?.totalNs ?? 0), `${later?.cpuNs}`);
      const fib = countedOperations(profiled).find((operation) => operation.name === 'fib');
      const buckets = profiled.batches.flatMap((batch) => batch.operations ?? []).filter(({ id }) => id === fib?.id);
      const inBuckets = buckets.flatMap((delta) => delta.buckets).filter((_value, index) => index % 2 === 1);
      assert.equal(
        inBuckets.reduce((sum, count) => sum + count, 0),
        1973,
      );
    });
  }

  it('times only the requested function, by name or line, in compiled code too', async () => {
    const source = `export interface A { x: number }\nfunction first(n: number) { return n; }\n\nfunction second(n: number) { return first(n) + 1; }\nlet sum = 0;\nfor (let i = 0; i < 50; i++) sum += second(i);\nconsole.log(sum);\n`;
    const { code, map } = transformSync(source, {
      loader: 'ts',
      format: 'cjs',
      sourcemap: 'external',
      minifyWhitespace: true,
      sourcefile: 'src/a.ts',
    });
    const cwd = createProgramFolder({
      'src/a.ts': source,
      'a.cjs': `${code}//# sourceMappingURL=a.cjs.map\n`,
      'a.cjs.map': map,
    });
    const file = join(cwd, 'src/a.ts');
    for (const [target, name] of [
      [{ file, name: 'first' }, 'first'],
      [{ file, line: 4 }, 'second'],
    ] as const) {
      const profiled = await runProfiled(['a.cjs'], { cwd, config: { exact: [target] } });
      assert.equal(profiled.stdout, '1275\n');
      assert.deepEqual(
        countedOperations(profiled).map((operation) => [operation.name, operation.count, operation.file]),
        [[name, 50, file]],
      );
    }
  });

  it('keeps the count exact but times fewer calls if timing all of them would exceed the budget', async () => {
    const cwd = createProgramFolder({
      'hot.cjs': `function tiny(x) { return x + 1; }\nlet sum = 0;\nfor (let i = 0; i < 3e6; i++) sum = tiny(sum);\nconsole.log(sum);\n`,
    });
    const profiled = await runProfiled(['hot.cjs'], {
      cwd,
      config: { exact: [{ file: join(cwd, 'hot.cjs') }], budgetRatio: 0.01 },
    });
    const [tiny] = countedOperations(profiled);
    assert.equal(tiny?.count, 3_000_000);
    assert.ok(tiny.timed > 0 && tiny.timed < 1_000_000, `${tiny.timed} timed`);
    assert.ok(tiny.totalNs > 0);
  });

  it('counts a recursion once towards the total', async () => {
    const cwd = createProgramFolder({
      'deep.cjs': `const start = performance.now();\nfunction deep(n) { const until = performance.now() + 5; while (performance.now() < until); if (n > 0) deep(n - 1); }\ndeep(19);\nconsole.log((performance.now() - start) * 1e6);\n`,
    });
    const profiled = await runProfiled(['deep.cjs'], {
      cwd,
      config: { exact: [{ file: join(cwd, 'deep.cjs'), name: 'deep' }] },
    });
    const [deep] = countedOperations(profiled);
    assert.equal(deep?.count, 20);
    const wallNs = Number(profiled.stdout);
    // The sum over all levels would be ten times as much.
    assert.ok(deep.totalNs <= wallNs && deep.totalNs >= 99e6, `${deep.totalNs} of ${wallNs}`);
  });

  it('starts and stops counting functions while the program runs', async () => {
    const cwd = createProgramFolder({
      'main.cjs': `function early() { return 1; }\nfunction late() { return 2; }\nsetInterval(() => { early(); late(); }, 20);\nsetTimeout(() => process.exit(0), 2500);\n`,
    });
    const file = join(cwd, 'main.cjs');
    const config = { samplingNs: 1e6, exact: [{ file, name: 'early' }], budgetRatio: 0.5, workspace: cwd };
    const profiled = await runProfiled(['main.cjs'], {
      cwd,
      config,
      onStarted: (_child, listener) => {
        const timer = setInterval(() => {
          if (listener.guestCount === 0) return;
          clearInterval(timer);
          setTimeout(
            () => listener.broadcast({ type: 'wish', wishes: { ...config, exact: [{ file, name: 'late' }] } }),
            700,
          );
        }, 20);
      },
    });
    const counts = Object.fromEntries(countedOperations(profiled).map(({ name, count }) => [name, count]));
    assert.ok((counts['early'] ?? 0) > 0 && (counts['late'] ?? 0) > 0, JSON.stringify(counts));
    // Each was counted only part of the time.
    assert.ok((counts['early'] ?? 0) + (counts['late'] ?? 0) <= 130, JSON.stringify(counts));
  });
});

describe('instrument', () => {
  const programs: Readonly<Record<string, string>> = {
    'a value in brackets': 'const f = (a) => { return (\n a, a + 1 // why\n ) }; f(1)',
    'no semicolons': 'function f(a) { if (a) return\n else return a\n}\nf(1) + String(f(0))',
    'arrows in arrows': '((a) => (b) => ({ a, b, c: () => a }))(1)(2).c()',
    'an arrow in a comment': 'const f = (a /* => { */) => /* => */ a; f(3)',
    'names of what is returned': '(() => function () {})().name + (() => class {})().name + (() => () => 1)().name',
    'defaults that are functions': 'function f(a = () => 5, { b } = { b: () => 6 }) { return a() + b() } f()',
    classes:
      'class A { constructor() { this.x = 1 } static s() { return new this() } get g() { return this.x } set g(v) { this.x = v } #p() { return 9 } q() { return this.#p() } } class B extends A { constructor() { super(); return } } const b = new B(); b.g = 4; b.g + b.q() + B.s().x',
    'labels and switches':
      'function f(n) { out: for (;;) { switch (n) { case 1: break out; default: n = 1; continue out } } return n } f(7)',
    strict: 'function f() { "use strict"; return this } f() === undefined',
    generators:
      'function* g() { const x = yield 1; return x } const i = g(); i.next().value + i.next(5).value + (() => 1)()',
    'finally that returns': 'function f() { try { throw 1 } catch { return 2 } finally { return 3 } } f()',
    'new.target and arguments':
      'function F() { return [new.target === F, arguments.length].join() ? undefined : 1 } new F(1, 2) instanceof F',
    'text that looks instrumented': 'const t = () => "return $x"; t()',
    'functions declared twice': 'function f() { var g = 1; function g() { return 2 } return typeof g } f()',
  };

  for (const [what, code] of Object.entries(programs)) {
    it(`keeps the behavior of code with ${what}`, () => {
      let rows = 0;
      const instrumented = instrument(code, 'commonjs', () => rows++);
      const timer = {
        m: new Int32Array(100),
        active: 0,
        b: () => ++timer.active,
        e: () => timer.active--,
        a: () => ({}),
        z: () => 0,
      };
      const expected = runInContext(code, createContext({ String }));
      const actual = runInContext(instrumented?.code ?? code, createContext({ String, $PS: timer }));
      assert.deepEqual(actual, expected);
      assert.equal(timer.active, 0, 'every call that begins also ends');
      // Only this code cannot be instrumented, because a block may not declare a name twice.
      assert.equal(instrumented === undefined, what === 'functions declared twice');
      if (!instrumented) return;
      assert.equal(instrumented.code.split('\n').length, code.split('\n').length);
      const { edits } = instrumented;
      assert.deepEqual([edits.originalOffset(0), edits.originalOffset(instrumented.code.length)], [0, code.length]);
    });
  }

  it('returns undefined for code that does not parse or has no functions', () => {
    assert.equal(
      instrument('const = 1', 'either', () => 0),
      undefined,
    );
    assert.equal(
      instrument('const a = 1', 'either', () => 0),
      undefined,
    );
  });
});

describe('SourceEdits', () => {
  it('maps offsets back to the original, also inside an insertion', () => {
    const edits = new SourceEdits();
    edits.add(2, 'XX');
    edits.add(4, 'YYY');
    assert.equal(edits.applyTo('abcdef'), 'abXXcdYYYef');
    assert.deepEqual(
      [0, 2, 3, 4, 5, 6, 8, 9, 11].map((offset) => edits.originalOffset(offset)),
      [0, 2, 2, 2, 3, 4, 4, 4, 6],
    );
    assert.deepEqual(edits.columnShifts('abcdef'), [
      [0, 2, 2],
      [0, 6, 3],
    ]);
  });
});
