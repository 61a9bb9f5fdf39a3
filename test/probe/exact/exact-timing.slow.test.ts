/** Holds exact timing to planted counts, and the wrapped text to doing what the written one does. */
import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { transformSync } from 'esbuild';
import { wrap } from '../../../src/probe/exact/instrument.ts';
import { Insertions } from '../../../src/probe/exact/source-edits.ts';
import { folderOf, plain, profiled, type Seen, type Told, told } from '../zero.ts';

const planted = `
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

function counted(seen: Seen): Told[] {
  return told(seen.batches).filter(({ count }) => count > 0);
}

describe('exact timing', function () {
  this.timeout(60_000);

  for (const name of ['planted.cjs', 'planted.mjs', 'planted.ts']) {
    it(`counts every call, and changes nothing: ${name}`, async () => {
      const cwd = folderOf({ [name]: planted.replace('fib(n)', name.endsWith('ts') ? 'fib(n: number)' : 'fib(n)') });
      const seen = await profiled([name], { cwd, wishes: { exact: [{ file: join(cwd, name) }] } });
      const expected = plain([name], { cwd });
      assert.deepEqual([seen.status, seen.stdout, seen.stderr], [0, expected.stdout, expected.stderr]);
      const counts = Object.fromEntries(counted(seen).map((one) => [one.name, [one.count, one.errors, one.timed]]));
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
      const later = counted(seen).find((one) => one.name === 'later');
      // Three that wait together: 60 ms and their own 10 ms each, of which the second and third wait for those before.
      assert.ok((later?.totalNs ?? 0) >= 3 * 69e6, `${later?.totalNs}`);
      assert.ok((later?.cpuNs ?? 0) >= 3 * 9e6 && (later?.cpuNs ?? 0) < 0.5 * (later?.totalNs ?? 0), `${later?.cpuNs}`);
      const fib = counted(seen).find((one) => one.name === 'fib');
      const buckets = seen.batches.flatMap((batch) => batch.operations ?? []).filter(({ id }) => id === fib?.id);
      const inBuckets = buckets.flatMap((delta) => delta.buckets).filter((_value, index) => index % 2 === 1);
      assert.equal(
        inBuckets.reduce((sum, count) => sum + count, 0),
        1973,
      );
    });
  }

  it('times only what is wished, by name, by line, and in code that was compiled', async () => {
    const source = `export interface A { x: number }\nfunction first(n: number) { return n; }\n\nfunction second(n: number) { return first(n) + 1; }\nlet sum = 0;\nfor (let i = 0; i < 50; i++) sum += second(i);\nconsole.log(sum);\n`;
    const { code, map } = transformSync(source, {
      loader: 'ts',
      format: 'cjs',
      sourcemap: 'external',
      minifyWhitespace: true,
      sourcefile: 'src/a.ts',
    });
    const cwd = folderOf({ 'src/a.ts': source, 'a.cjs': `${code}//# sourceMappingURL=a.cjs.map\n`, 'a.cjs.map': map });
    const file = join(cwd, 'src/a.ts');
    for (const [target, name] of [
      [{ file, name: 'first' }, 'first'],
      [{ file, line: 4 }, 'second'],
    ] as const) {
      const seen = await profiled(['a.cjs'], { cwd, wishes: { exact: [target] } });
      assert.equal(seen.stdout, '1275\n');
      assert.deepEqual(
        counted(seen).map((one) => [one.name, one.count, one.file]),
        [[name, 50, file]],
      );
    }
  });

  it('keeps the count exact and times fewer calls where timing all would cost too much', async () => {
    const cwd = folderOf({
      'hot.cjs': `function tiny(x) { return x + 1; }\nlet sum = 0;\nfor (let i = 0; i < 3e6; i++) sum = tiny(sum);\nconsole.log(sum);\n`,
    });
    const seen = await profiled(['hot.cjs'], {
      cwd,
      wishes: { exact: [{ file: join(cwd, 'hot.cjs') }], budgetRatio: 0.01 },
    });
    const [tiny] = counted(seen);
    assert.equal(tiny?.count, 3_000_000);
    assert.ok(tiny.timed > 0 && tiny.timed < 1_000_000, `${tiny.timed} timed`);
    assert.ok(tiny.totalNs > 0);
  });

  it('counts a recursion once towards the total', async () => {
    const cwd = folderOf({
      'deep.cjs': `const start = performance.now();\nfunction deep(n) { const until = performance.now() + 5; while (performance.now() < until); if (n > 0) deep(n - 1); }\ndeep(19);\nconsole.log((performance.now() - start) * 1e6);\n`,
    });
    const seen = await profiled(['deep.cjs'], {
      cwd,
      wishes: { exact: [{ file: join(cwd, 'deep.cjs'), name: 'deep' }] },
    });
    const [deep] = counted(seen);
    assert.equal(deep?.count, 20);
    const wallNs = Number(seen.stdout);
    // Each level added up would be ten times that.
    assert.ok(deep.totalNs <= wallNs && deep.totalNs >= 99e6, `${deep.totalNs} of ${wallNs}`);
  });

  it('begins to count what the host wishes while the program runs', async () => {
    const cwd = folderOf({
      'main.cjs': `function early() { return 1; }\nfunction late() { return 2; }\nsetInterval(() => { early(); late(); }, 20);\nsetTimeout(() => process.exit(0), 2500);\n`,
    });
    const file = join(cwd, 'main.cjs');
    const wishes = { samplingNs: 1e6, exact: [{ file, name: 'early' }], budgetRatio: 0.5, workspace: cwd };
    const seen = await profiled(['main.cjs'], {
      cwd,
      wishes,
      during: (_child, listener) => {
        const timer = setInterval(() => {
          if (listener.guests === 0) return;
          clearInterval(timer);
          setTimeout(
            () => listener.tell({ type: 'wish', wishes: { ...wishes, exact: [{ file, name: 'late' }] } }),
            700,
          );
        }, 20);
      },
    });
    const counts = Object.fromEntries(counted(seen).map(({ name, count }) => [name, count]));
    assert.ok((counts['early'] ?? 0) > 0 && (counts['late'] ?? 0) > 0, JSON.stringify(counts));
    // Each was on for a part of the time only.
    assert.ok((counts['early'] ?? 0) + (counts['late'] ?? 0) <= 130, JSON.stringify(counts));
  });
});

describe('wrap', () => {
  const texts: Readonly<Record<string, string>> = {
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
    'text like ours': 'const t = () => "return $x"; t()',
    'functions declared twice': 'function f() { var g = 1; function g() { return 2 } return typeof g } f()',
  };

  for (const [what, code] of Object.entries(texts)) {
    it(`does the same with ${what}`, () => {
      const seen: string[] = [];
      const wrapped = wrap(code, 'commonjs', ({ name }) => seen.push(name) - 1);
      const timer = {
        m: new Int32Array(100),
        begun: 0,
        b: () => ++timer.begun,
        e: () => timer.begun--,
        a: () => ({}),
        z: () => 0,
      };
      const expected = runInContext(code, createContext({ String }));
      const found = runInContext(wrapped?.code ?? code, createContext({ String, $PS: timer }));
      assert.deepEqual(found, expected);
      assert.equal(timer.begun, 0, 'what begins also ends');
      // Only this one cannot be wrapped: a block may not declare a name twice.
      assert.equal(wrapped === undefined, what === 'functions declared twice');
      if (!wrapped) return;
      assert.equal(wrapped.code.split('\n').length, code.split('\n').length);
      const back = (offset: number): number => wrapped.insertions.before(offset);
      assert.deepEqual([back(0), back(wrapped.code.length)], [0, code.length]);
    });
  }

  it('leaves alone what the parser does not take', () => {
    assert.equal(
      wrap('const = 1', 'either', () => 0),
      undefined,
    );
    assert.equal(
      wrap('const a = 1', 'either', () => 0),
      undefined,
    );
  });

  it('finds the offset before insertions, also inside of them', () => {
    const insertions = new Insertions();
    insertions.add(2, 'XX');
    insertions.add(4, 'YYY');
    assert.equal(insertions.into('abcdef'), 'abXXcdYYYef');
    assert.deepEqual(
      [0, 2, 3, 4, 5, 6, 8, 9, 11].map((offset) => insertions.before(offset)),
      [0, 2, 2, 2, 3, 4, 4, 4, 6],
    );
    assert.deepEqual(insertions.shifts('abcdef'), [
      [0, 2, 2],
      [0, 6, 3],
    ]);
  });
});
