import { strict as assert } from 'node:assert';
import { isExactTarget, isSameTarget, targetTitle } from '../../src/editor/exact-target.ts';
import { type Block, findFunctionAt, findInnermost, targetOfRow } from '../../src/editor/function-ref.ts';

interface Named extends Block<Named> {
  readonly name: string;
}

function block(name: string, start: number, end: number, ...children: Named[]): Named {
  return { name, range: { start: { line: start }, end: { line: end } }, children };
}

describe('a function reference', () => {
  const blocks = [
    block('class A', 0, 20, block('a', 2, 8, block('inner', 4, 5)), block('b', 10, 12)),
    block('c', 22, 30),
  ];
  const isFunction = ({ name }: Named): boolean => !name.startsWith('class');
  const cases: readonly [number, string | undefined][] = [
    [0, undefined],
    [2, 'a'],
    [4, 'inner'],
    [6, 'a'],
    [9, undefined],
    [12, 'b'],
    [21, undefined],
    [30, 'c'],
  ];
  for (const [line, name] of cases) {
    it(`is ${name ?? 'undefined'} at line ${line}`, () =>
      assert.equal(findInnermost(blocks, line, isFunction)?.name, name));
  }

  it('is the innermost profiled function if there are no document symbols', () => {
    const lines = ['function a() {', '  function b() {', '    x();', '  }', '  y();', '}', 'z();'];
    const functions = [{ name: 'a', line: 1 }, { name: 'b', line: 2 }, { name: 'unplaced' }];
    const around = lines.map((_, line) => findFunctionAt(functions, lines, line)?.name);
    assert.deepEqual(around, ['a', 'b', 'b', 'b', 'a', 'a', undefined]);
  });

  const toAbsolute = (file: string): string => `/w/${file}`;
  it('identifies the function of a row by its name', () => {
    const location = { file: 'src/a.ts', line: 7 };
    assert.deepEqual(targetOfRow({ label: 'A.run', location }, toAbsolute), { file: '/w/src/a.ts', name: 'A.run' });
    assert.deepEqual(targetOfRow({ label: '#f', location: { ...location, file: '/x.js' } }, toAbsolute), {
      file: '/x.js',
      name: '#f',
    });
  });

  it('identifies an anonymous function by its line', () => {
    const location = { file: 'a.ts', line: 7 };
    for (const label of ['(anonymous)', '', '<module>']) {
      assert.deepEqual(targetOfRow({ label, location }, toAbsolute), { file: '/w/a.ts', line: 7 });
    }
  });

  for (const row of [undefined, null, 'a', {}, { location: 1 }, { label: 'a', location: { file: 'a' } }]) {
    it(`is undefined for the row ${JSON.stringify(row)}`, () => assert.equal(targetOfRow(row, toAbsolute), undefined));
  }

  it('can be compared, has a title, and is validated when it is read from storage', () => {
    assert.ok(isSameTarget({ file: 'a', name: 'f' }, { file: 'a', name: 'f' }));
    assert.ok(!isSameTarget({ file: 'a', name: 'f' }, { file: 'a', name: 'f', line: 1 }));
    assert.deepEqual(
      [targetTitle({ file: '/a/b.ts', name: 'f' }), targetTitle({ file: '/a/b.ts', line: 3 })],
      ['f', 'b.ts:3'],
    );
    assert.ok(isExactTarget({ file: 'a', line: 1 }) && isExactTarget({ file: 'a', name: 'f' }));
    for (const invalid of [null, 1, {}, { file: 'a' }, { name: 'f' }]) assert.ok(!isExactTarget(invalid));
  });
});
