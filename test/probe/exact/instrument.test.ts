/** Checks that instrumented code behaves like the original, and that every function in it is counted. */
import { strict as assert } from 'node:assert';
import { createContext, runInContext } from 'node:vm';
import { CallTimer } from '../../../src/probe/exact/counting/call-timer.ts';
import { createCounters, integerAt, nested, rowSize } from '../../../src/probe/exact/counting/exact-counters.ts';
import { instrument } from '../../../src/probe/exact/instrument.ts';
import type { FoundFunction } from '../../../src/probe/exact/syntax/found-function.ts';
import { SourceEdits } from '../../../src/probe/exact/syntax/source-edits.ts';

interface InstrumentedRun {
  readonly value: unknown;
  /** Numbers of calls and errors by the name of the function. */
  readonly counts: Readonly<Record<string, number>>;
  readonly errors: Readonly<Record<string, number>>;
  readonly active: number;
}

/** Runs instrumented code in a context of its own. */
async function runInstrumented(code: string): Promise<InstrumentedRun> {
  const found: FoundFunction[] = [];
  const result = instrument(code, 'script', (candidate) => found.push(candidate) - 1);
  assert.equal(result.kind, 'instrumented', JSON.stringify(result));
  const counters = createCounters();
  const context = createContext({ String, setTimeout, $PS: new CallTimer(counters) });
  const value = await runInContext(result.kind === 'instrumented' ? result.code : '', context);
  const sum = (...positions: readonly number[]): Record<string, number> => {
    const sums: Record<string, number> = {};
    for (const [row, { name }] of found.entries()) {
      const total = positions.reduce((value, at) => value + (counters.integers[row * rowSize + at] as number), 0);
      if (total !== 0) sums[name] = (sums[name] ?? 0) + total;
    }
    return sums;
  };
  const active = Object.values(sum(integerAt.active)).reduce((total, count) => total + count, 0);
  const counts = sum(integerAt.calls, nested + integerAt.calls);
  return { value, counts, errors: sum(integerAt.errors), active };
}

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
    'class fields':
      'let n = 0; class A {\n a = ++n\n b = () => n;\n #c = this.a + 1;\n ["d" + 1] = this.#c\n static e = ++n\n static { this.f = this.e + 1 }\n static g\n}\nclass B extends A {\n h = (this.d1, 5)\n}\nconst b = new B(1, 2); String([b.a, b.b(), b.d1, b.h, A.e, A.f, A.g, b.b.name, A.length, Object.keys(b)])',
    'labels and switches':
      'function f(n) { out: for (;;) { switch (n) { case 1: break out; default: n = 1; continue out } } return n } f(7)',
    strict: 'function f() { "use strict"; return this } f() === undefined',
    generators:
      'function* g() { const x = yield 1; return x } const i = g(); i.next().value + i.next(5).value + (() => 1)()',
    'generators in every form':
      'function* a() { yield; const x = yield /* * */* b(); try { yield x } finally { yield 7 } } function* b() { return yield\n 3 } const i = a(); String([i.next(), i.next(), i.next(), i.next(4), i.return(5), i.next(), i.next()].map(({ value, done }) => [value, done]))',
    'generators that are ended early':
      'function* g() { try { yield 1; yield 2 } catch (e) { yield e } finally { n++ } } let n = 0; for (const x of g()) break; const i = g(); i.next(); String([i.throw(8).value, n])',
    'asynchronous generators':
      '(async () => { async function* g() { for (let i = 0; i < 3; i++) yield await i } let s = 0; for await (const x of g()) s += x; return s })()',
    'finally that returns': 'function f() { try { throw 1 } catch { return 2 } finally { return 3 } } f()',
    'new.target and arguments':
      'function F() { return [new.target === F, arguments.length].join() ? undefined : 1 } new F(1, 2) instanceof F',
    'text that looks instrumented': 'const t = () => "return $x"; t()',
    'functions declared twice': 'function f() { var g = 1; function g() { return 2 } return typeof g } f()',
    'functions declared twice in strict mode':
      'function f() { "use strict"; function g() { return 1 } g()\nfunction g() { return 2 }\nreturn [g].map((h) => h()) + g() } f()',
    'variables named like functions':
      'function f() { var a, g, b = 2\nvar { g, c } = { g: 3, c: 4 }\nfor (var g = g + 1, d = 5; d < 6; d++);\nfor (var g of [g + 1]);\nif (b) var g = g + 1\nfunction g() {}\nreturn [a, b, c, d, g].join() } f()',
    'variables in inner blocks named like functions':
      'function f() { function g() {} { var g = 1 } return typeof g + typeof h; function h() {} } f()',
    'functions that outlive their declaration':
      'function f() { var s = () => g(); function g() { return 1 } var r = s(); g = () => 2; var g; return r + s() } f()',
    'functions in inner blocks':
      'function f(x) { function g() { return 1 } if (x) { function g() { return 2 } } return g() } String([f(0), f(1)])',
    'variables declared by eval': 'function f() { function g() {} eval("var g = 7"); return g } f()',
    'parameters named like functions': 'function f(g) { function g() { return 1 } return g() } f(2)',
    'a hashbang and a comment at the end': '#!/usr/bin/env node\nfunction f() { return 4 } f() // end',
    'line separators': 'function f() { return "\u2028" }\u2028f() + f()',
    'names that are properties of objects':
      'function toString() { return 1 } function constructor() { return toString() } constructor()',
  };

  for (const [what, code] of Object.entries(programs)) {
    it(`keeps the behavior of code with ${what}`, async () => {
      const expected = await runInContext(code, createContext({ String, setTimeout }));
      const { value, active } = await runInstrumented(code);
      assert.deepEqual(value, expected);
      assert.equal(active, 0, 'every call that begins also ends');
      const result = instrument(code, 'script', () => 0);
      assert.ok(result.kind === 'instrumented');
      assert.equal(result.code.split('\n').length, code.split('\n').length);
      const { edits } = result;
      assert.deepEqual([edits.originalOffset(0), edits.originalOffset(result.code.length)], [0, code.length]);
    });
  }

  it('counts each function of a body that declares names twice', async () => {
    const code =
      'function outer() { var step = 1; function step() {} function once() {} once(); return typeof step } outer(); outer()';
    assert.deepEqual((await runInstrumented(code)).counts, { outer: 2, once: 2 });
  });

  it('leaves out only the function whose behavior it would change', async () => {
    const code =
      'function odd() { function g() { return 1 } { function g() {} } return even() } function even() {} odd()';
    assert.deepEqual((await runInstrumented(code)).counts, { even: 1 });
  });

  it('counts a generator once, and not as failed if its caller ends it', async () => {
    const code =
      'function* g() { try { yield 1; yield 2 } finally { h() } } function h() {} function* bad() { yield 1; throw 2 } for (const x of g()) break; [...g()]; const b = bad(); b.next(); try { b.next() } catch {}';
    const { counts, errors } = await runInstrumented(code);
    assert.deepEqual([counts, errors], [{ g: 2, h: 2, bad: 1 }, { bad: 1 }]);
  });

  it('counts code of classes under the name of the class', async () => {
    const code = 'class A {\n static a = 1\n b = 2\n}\nclass B extends A {}\nnew A(); new B()';
    // The static fields once, and each time the implicit constructor and the fields.
    assert.deepEqual((await runInstrumented(code)).counts, { A: 5 });
  });

  it('says why code cannot be instrumented', () => {
    const problemOf = (code: string): string | undefined => {
      const result = instrument(code, 'either', () => 0);
      return result.kind === 'instrumented' ? 'none' : result.problem;
    };
    assert.match(problemOf('const = 1') ?? '', /could not be parsed: Unexpected token \(1:6\)/);
    assert.match(problemOf('const $psV = () => 1') ?? '', /\$psV/);
    assert.equal(problemOf(''), undefined);
  });

  it('times the top level of a module after its directives and imports', () => {
    const positions = (code: string, kind: 'module' | 'commonjs'): string => {
      const result = instrument(code, kind, (found) => (found.kind === 'top level' ? 5 : undefined));
      return result.kind === 'instrumented' ? result.code : '';
    };
    assert.equal(positions('"use strict"\nf()\n// end', 'commonjs'), '"use strict"\n;$PS.t(5);f();$PS.u(5);\n// end');
    assert.equal(
      positions('import "a"\nexport default 1', 'module'),
      ';$PS.t(5);import "a"\nexport default 1;$PS.u(5);',
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

  it('counts lines like V8, which knows four line breaks', () => {
    const edits = new SourceEdits();
    edits.add(9, '_');
    assert.deepEqual(edits.columnShifts('a\r\nb\rc\u2028\nd'), [[4, 1, 1]]);
  });
});
