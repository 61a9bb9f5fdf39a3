import { strict as assert } from 'node:assert';
import {
  type Block,
  functionAt,
  innermost,
  isTarget,
  sameTarget,
  targetAt,
  titleOf,
} from '../../src/editor/function-ref.ts';

interface Named extends Block<Named> {
  readonly name: string;
}

function block(name: string, start: number, end: number, ...children: Named[]): Named {
  return { name, range: { start: { line: start }, end: { line: end } }, children };
}

describe('a function to be timed', () => {
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
    it(`is ${name ?? 'none'} around line ${line}`, () => assert.equal(innermost(blocks, line, isFunction)?.name, name));
  }

  it('is the deepest that a run told of, where no language is known', () => {
    const lines = ['function a() {', '  function b() {', '    x();', '  }', '  y();', '}', 'z();'];
    const functions = [{ name: 'a', line: 1 }, { name: 'b', line: 2 }, { name: 'nowhere' }];
    const around = lines.map((_, line) => functionAt(functions, lines, line));
    assert.deepEqual(around, ['a', 'b', 'b', 'b', 'a', 'a', undefined]);
  });

  const absolute = (file: string): string => `/w/${file}`;
  it('is that of a row: by name, which stays when lines move', () => {
    const place = { file: 'src/a.ts', line: 7 };
    assert.deepEqual(targetAt({ label: 'A.run', place }, absolute), { file: '/w/src/a.ts', name: 'A.run' });
    assert.deepEqual(targetAt({ label: '#f', place: { ...place, file: '/x.js' } }, absolute), {
      file: '/x.js',
      name: '#f',
    });
  });

  it('is that of a row: by line, where it has no name of its own', () => {
    const place = { file: 'a.ts', line: 7 };
    for (const label of ['(anonymous)', '', '<module>']) {
      assert.deepEqual(targetAt({ label, place }, absolute), { file: '/w/a.ts', line: 7 });
    }
  });

  for (const row of [undefined, null, 'a', {}, { place: 1 }, { label: 'a', place: { file: 'a' } }]) {
    it(`is none in ${JSON.stringify(row)}`, () => assert.equal(targetAt(row, absolute), undefined));
  }

  it('is known again, has a title, and is read back from what was kept', () => {
    assert.ok(sameTarget({ file: 'a', name: 'f' }, { file: 'a', name: 'f' }));
    assert.ok(!sameTarget({ file: 'a', name: 'f' }, { file: 'a', name: 'f', line: 1 }));
    assert.deepEqual([titleOf({ file: '/a/b.ts', name: 'f' }), titleOf({ file: '/a/b.ts', line: 3 })], ['f', 'b.ts:3']);
    assert.ok(isTarget({ file: 'a', line: 1 }) && isTarget({ file: 'a', name: 'f' }));
    for (const rubbish of [null, 1, {}, { file: 'a' }, { name: 'f' }]) assert.ok(!isTarget(rubbish));
  });
});
