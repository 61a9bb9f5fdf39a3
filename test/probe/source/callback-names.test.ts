import { strict as assert } from 'node:assert';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { findCallbackNames } from '../../../src/probe/source/find-callback-names.ts';
import { SourceNames } from '../../../src/probe/source/source-names.ts';
import { readSourceTokens } from '../../../src/probe/source/source-tokens.ts';

const maxFileLength = 500_000;

/** Code with the mark `/*@*​/` in front of an anonymous function, and the name of the function. */
const programs: readonly (readonly [code: string, name: string])[] = [
  // Calls.
  ['function rank(a) { return a.sort(/*@*/(x, y) => x - y); }', 'sort comparator in rank'],
  [
    'function rank(a) { return [...a].toSorted(/*@*/function (x, y) { return x - y; }); }',
    'toSorted comparator in rank',
  ],
  ['const load = (list) => list.map(/*@*/x => x + 1)', 'map callback in load'],
  ['const load = async () => { await each(list, /*@*/async (x) => x) }', 'each callback in load'],
  ['function start() { setTimeout(/*@*/() => {}, 10); }', 'setTimeout callback in start'],
  ['function get() { fetch(url).then((r) => r.json()).then(/*@*/(x) => x.y, fail); }', 'then callback in get'],
  ['function get() { fetch(url).then(ok, /*@*/function () {}); }', 'then callback in get'],
  ['function get() { return fetch(url).catch(/*@*/(error) => error); }', 'catch callback in get'],
  ['function get() { fetch(url)\n  .finally(/*@*/() => 1) }', 'finally callback in get'],
  ["function open(s) { s.on('data', /*@*/(chunk) => chunk); }", "on('data') listener in open"],
  ['function open(s) { s?.once?.("end", /*@*/() => 1); }', "once('end') listener in open"],
  ['function wait() { return new Promise(/*@*/(resolve) => resolve()); }', 'Promise executor in wait'],
  ['function wait() { return new lib.Task(/*@*/(resolve) => resolve()); }', 'new Task callback in wait'],
  ["function text(s) { return s.replace(/a(b|[/'])/g, /*@*/(m) => m); }", 'replace replacer in text'],
  ["app.get('/users', /*@*/(req, res) => res.end());", "get('/users') handler in FILE"],
  [
    "it('sorts long lists of very many values without a comparator', /*@*/() => {});",
    "it('sorts long lists of very many values wi…') callback in FILE",
  ],
  ['function f() { g(a, b[0], {}, /*@*/() => 1) }', 'g callback in f'],
  ['function f() { g(() => 1, /*@*/() => 2) }', 'g callback in f'],
  ['function f() { bind(this)(/*@*/() => 2) }', 'bind callback in f'],
  ['function f() { handlers[0](/*@*/() => 2) }', 'handlers callback in f'],
  ['function f() { Promise.all([one(), /*@*/async () => 2]) }', 'all callback in f'],
  ['function f() { g(...[/*@*/() => 2]) }', 'g callback in f'],
  ['function f() { list.map((/*@*/(x) => x)) }', 'map callback in f'],
  ['function f() { list.map(fast ? /*@*/(x) => x : slow) }', 'map callback in f'],
  ['function f() { list.map(fast ? quick : /*@*/(x) => x) }', 'map callback in f'],
  ['function f() { list.map(given || /*@*/function (x) { return x; }) }', 'map callback in f'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is code.
  ['function f() { tag`a${list.map(/*@*/x => x)}b` }', 'map callback in f'],
  ['function f() { list.map(/*@*/async function* (x) { yield x }) }', 'map callback in f'],
  // Names of variables and properties.
  ['let handler; handler = handler || /*@*/(() => 1);', 'handler'],
  ['this.handler = this.handler ?? /*@*/(() => 1)', 'handler'],
  ['const handler = given ?? /*@*/(() => 1)', 'handler'],
  ['exports.handler = given && /*@*/function () {}', 'exports.handler'],
  // Functions that are returned or called at once.
  ['function adder(n) { return /*@*/(x) => x + n; }', 'function returned by adder'],
  ['const adder = (n) => /*@*/(x) => x + n;', 'function returned by adder'],
  ['function f() { (/*@*/() => { work() })() }', 'immediately called function in f'],
  ['(/*@*/function () { work() }());', 'immediately called function in FILE'],
  ['(/*@*/function () { work() }).call(this);', 'immediately called function in FILE'],
  ['!/*@*/function () { work() }()', 'immediately called function in FILE'],
  ['(/*@*/async () => { await work() })();', 'immediately called function in FILE'],
  // The enclosing function.
  ['list.forEach(/*@*/(x) => x)', 'forEach callback in FILE'],
  ['class Store { load() { this.list.map(/*@*/x => x) } }', 'map callback in Store.load'],
  ['class Store { static async load(a, b) { list.map(/*@*/x => x) } }', 'map callback in Store.load'],
  ['class Store { constructor() { list.map(/*@*/x => x) } }', 'map callback in Store'],
  ['class Store { *#load() { list.map(/*@*/x => x) } }', 'map callback in Store.#load'],
  ['class Store { load = () => { list.map(/*@*/x => x) } }', 'map callback in load'],
  ['const api = { load() { list.map(/*@*/x => x) } }', 'map callback in load'],
  ['const api = { load: function () { list.map(/*@*/x => x) } }', 'map callback in load'],
  ['const api = { load: async (a) => { list.map(/*@*/x => x) } }', 'map callback in load'],
  ['exports.load = function () { list.map(/*@*/x => x) }', 'map callback in exports.load'],
  ['function outer() { list.map((x) => x.then(/*@*/(y) => y)) }', 'then callback in outer'],
  ['function outer() { list.map(function (x) { x.then(/*@*/(y) => y) }) }', 'then callback in outer'],
  ['function outer() { const inner = (a) => { a.map(/*@*/(y) => y) } }', 'map callback in inner'],
  ['function outer() { if (a) { for (const x of y) while (z) { a.map(/*@*/(y) => y) } } }', 'map callback in outer'],
  ['function outer() { const one = x => x\n  list.map(/*@*/y => y) }', 'map callback in outer'],
  ['function outer() { const one = x => x; list.map(/*@*/y => y) }', 'map callback in outer'],
  ['function outer() { const one = (x) => ({ a: 1 })\n  list.map(/*@*/y => y) }', 'map callback in outer'],
  ['const curry = (a) => (b) => list.map(/*@*/(c) => c)', 'map callback in curry'],
  ['function a() {}\nlist.map(/*@*/(c) => c)', 'map callback in FILE'],
  // TypeScript.
  [
    'export function rank<T extends object>(a: readonly T[]): T[] { return a.sort(/*@*/(x: T, y: T): number => 1) }',
    'sort comparator in rank',
  ],
  [
    'const load = async (a: Map<string, number[]>): Promise<void> => { a.forEach(/*@*/(x) => x) }',
    'forEach callback in load',
  ],
  ['const load: (a: string) => void = (a) => { each(/*@*/(x) => x) }', 'each callback in load'],
  [
    'class Store<T> { private async load<K>(key: K): Promise<T[]> { return list.map<T>(/*@*/(x) => x as T) } }',
    'map callback in Store.load',
  ],
  ['function f() { new Map<string, () => void>(list.map(/*@*/(x) => x)) }', 'map callback in f'],
  ['function f() { return list!.map(/*@*/(x) => x) }', 'map callback in f'],
  // JSX.
  ['function View() { return <button onClick={/*@*/() => 1}>Go</button>; }', 'onClick'],
  // Names that the program computes.
  ['const a = { [key]: /*@*/() => 1 }', '[key]'],
  ['const a = { b, [key]/*@*/() { return 1; } }', '[key]'],
  ['const a = { get [key]/*@*/() { return 1; } }', 'get [key]'],
  ['class A { static async *[Symbol.iterator]/*@*/() { } }', 'A.[Symbol.iterator]'],
  ['class A { [key] = /*@*/() => 1 }', 'A.[key]'],
  ['a[key] = b || /*@*/(() => 1)', ''],
  // Nothing to name it after.
  ['export default [1, 2][/*@*/() => 1]', ''],
  ['const a = { [/*@*/() => 1]: 2 }', ''],
  ['class A { m() { return b[/*@*/() => 1](c) } }', ''],
];

describe('names of callbacks', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'pipescope-callbacks-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  const write = (code: string): string => {
    const file = join(folder, 'main.ts');
    writeFileSync(file, code);
    return file;
  };
  /** Returns the name of the anonymous function at an offset. */
  const nameAt = (file: string, code: string, offset: number): string => {
    const before = code.slice(0, offset);
    const lineStart = before.lastIndexOf('\n') + 1;
    return new SourceNames().qualify('', file, before.split('\n').length, offset - lineStart);
  };

  for (const [code, expected] of programs) {
    it(`are ${expected === '' ? 'missing' : `“${expected}”`} in ${JSON.stringify(code)}`, () => {
      const offset = code.indexOf('/*@*/') + '/*@*/'.length;
      assert.equal(nameAt(write(code), code, offset), expected.replace('FILE', 'main.ts'));
    });
  }

  it('are found from the keyword, the parameters and from shortly before', () => {
    const code = 'const a = 1;\nfunction f() { list.map(async function (x) { return x; }); }\n';
    const file = write(code);
    for (const text of ['map(', 'async', 'function (', '(x)'])
      assert.equal(nameAt(file, code, code.indexOf(text)), 'map callback in f', text);
    assert.equal(nameAt(file, code, code.indexOf('return')), '');
  });

  it('are missing in files that cannot be read or have unbalanced brackets', () => {
    assert.equal(new SourceNames().qualify('', join(folder, 'missing.js'), 1, 0), '');
    assert.equal(new SourceNames().qualify('', folder, 1, 0), '');
    const file = write('list.map((x) => x))');
    assert.equal(new SourceNames().qualify('', file, 1, 9), '');
    assert.equal(new SourceNames().qualify('', file, 7, 9), '');
  });

  it('exist for nearly all anonymous arguments in real programs, and none contains a line break', () => {
    const pattern =
      '../../../node_modules/{mocha,yargs,chokidar,ws,undici,lru-cache,commander}/{dist,lib,build}/**/*.{js,mjs,cjs}';
    const files = globSync(resolve(import.meta.dirname, pattern));
    assert.ok(files.length > 20);
    let [anonymous, named] = [0, 0];
    for (const file of files) {
      const tokens = readSourceTokens(readFileSync(file, 'utf8'));
      assert.ok(tokens, file);
      for (const { name } of findCallbackNames(tokens, 'x.js', () => '')) {
        anonymous++;
        if (name !== '') named++;
        assert.doesNotMatch(name, /[\n\0]/);
      }
    }
    assert.ok(anonymous > 500, `${anonymous} functions`);
    assert.ok(named > 0.9 * anonymous, `${named} of ${anonymous} functions`);
  });

  it('are found before long in hostile files', () => {
    const hostile: readonly (readonly [opening: string, closing: string])[] = [
      ['(', ')'],
      ['=>', ''],
      ['a.', ''],
      ['[() => ', ']'],
      ['a(() => ', ')'],
      ['(x => 1,', ')'],
      ['x => ', ''],
      ['() => {', '}'],
      ['a = ', ''],
      ['a<b>(() => 1)\n', ''],
      ['x ? () => 1 : ', ''],
      ['(function () {', '})'],
    ];
    for (const [opening, closing] of hostile) {
      const times = Math.round(maxFileLength / (opening.length + closing.length));
      const tokens = readSourceTokens(opening.repeat(times) + closing.repeat(times));
      assert.ok(tokens, opening);
      findCallbackNames(tokens, 'x.js', () => '');
    }
    const flat = readSourceTokens(`(${'() => 1, '.repeat(maxFileLength / 10)}1)`);
    assert.ok(flat);
    assert.equal(findCallbackNames(flat, 'x.js', () => '').length, Math.floor(maxFileLength / 10));
  }).timeout(20_000);
});
