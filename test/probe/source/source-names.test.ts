import { strict as assert } from 'node:assert';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Node, parse } from 'acorn';
import { findClassBodies } from '../../../src/probe/source/find-class-bodies.ts';
import { SourceNames } from '../../../src/probe/source/source-names.ts';
import { readSourceTokens } from '../../../src/probe/source/source-tokens.ts';

describe('SourceNames', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'pipescope-classes-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  /** Returns the name of the function `f` in the code, with its class. */
  const nameIn = (code: string, functionName = 'f'): string => {
    const file = join(folder, `${Math.random()}.ts`);
    writeFileSync(file, code);
    const before = code.slice(0, code.lastIndexOf('f('));
    const line = before.split('\n').length;
    return new SourceNames().qualify(
      functionName,
      file,
      line,
      before.length - before.lastIndexOf('\n') - 1 + 'f'.length,
    );
  };

  const programs: Readonly<Record<string, string>> = {
    'class A { f() {} }': 'A.f',
    'class A extends mixin(B, {}) { f() {} }': 'A.f',
    'class A<T extends { x: { y: 1 } }> implements C<{}> { f() {} }': 'A.f',
    'export default class { f() {} }': 'default.f',
    'const A = class { f() {} }': 'A.f',
    'api.Member = class extends B { f() {} }': 'api.Member.f',
    'x = { A: class { f() {} } }': 'A.f',
    'class A { class() {} static { g() } f() {} }': 'A.f',
    'class A { a = `${{ b: `}` }}`; f() {} }': 'A.f',
    "class A { a = /[/}{'\"`]/.test(b) / 2; /* { */ // {\n 'b'() {} f() {} }": 'A.f',
    'class A { m() { class B { f() {} } } }': 'B.f',
    'class A { m() { const f = () => 1; f() } }': 'f',
    'class A { a = [f()] }': 'f',
    'class A {} function f() {}': 'f',
    'const a = { class: 1, f() {} }; a.class': 'f',
    'const t = `class A {`; function f() {}': 'f',
    'class A { a = 1 } } f()': 'f',
  };
  for (const [code, name] of Object.entries(programs)) {
    it(`names the function in ${JSON.stringify(code)}`, () => assert.equal(nameIn(code), name));
  }

  it('does not repeat the class in the name of its constructor, and names code without a function after it', () => {
    assert.equal(nameIn('class A { f() {} }', 'A'), 'A');
    assert.equal(nameIn('class A { f() {} }', '<static_initializer>'), 'A');
    assert.equal(nameIn('class A { f() {} }', ''), '');
  });

  it('returns the name alone for files that do not exist or have no such line', () => {
    assert.equal(new SourceNames().qualify('f', join(folder, 'missing.js'), 1, 0), 'f');
    assert.equal(new SourceNames().qualify('f', folder, 1, 0), 'f');
    writeFileSync(join(folder, 'short.js'), 'class A {}');
    assert.equal(new SourceNames().qualify('f', join(folder, 'short.js'), 9, 9), 'f');
  });

  it('finds the same class bodies as a parser', () => {
    const files = globSync(
      resolve(
        import.meta.dirname,
        '../../../node_modules/{acorn,mocha,yargs,chokidar,ws,preact,undici,lru-cache,commander}/{dist,lib,build}/**/*.{js,mjs,cjs}',
      ),
    );
    assert.ok(files.length > 20);
    let bodies = 0;
    for (const file of files) {
      const code = readFileSync(file, 'utf8');
      const tokens = readSourceTokens(code);
      assert.ok(tokens, file);
      const found = findClassBodies(tokens);
      for (const [start, name] of bodiesByParser(code)) {
        bodies++;
        const index = found.offsets.indexOf(start);
        assert.equal(found.classNames[index], name, `${file}:${start}`);
      }
    }
    assert.ok(bodies > 20, `${bodies} classes`);
  });

  it('takes milliseconds for a file of brackets', () => {
    const startMs = performance.now();
    for (const code of ['{'.repeat(500_000), '`${'.repeat(100_000), '/'.repeat(500_000), 'class '.repeat(80_000)])
      readSourceTokens(code);
    assert.ok(performance.now() - startMs < 3000);
  });
});

/** Returns the offset after the opening brace and the name of every named class. */
function bodiesByParser(code: string): [start: number, name: string][] {
  const found: [number, string][] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { type, id, body } = node as { type?: string; id?: { name: string } | null; body?: Node };
    if (/^Class(Declaration|Expression)$/.test(type ?? '') && id && body) found.push([body.start + 1, id.name]);
    Object.values(node).forEach(visit);
  };
  for (const sourceType of ['module', 'commonjs'] as const) {
    try {
      visit(parse(code, { ecmaVersion: 'latest', sourceType, allowHashBang: true }));
      return found;
    } catch {
      // The other kind of module.
    }
  }
  return [];
}
