import assert from 'node:assert/strict';
import fc from 'fast-check';
import { codePlaceOf } from '../../../src/core/code/code-place.ts';
import { groupCode, groupOfPlace } from '../../../src/core/code/group-code.ts';
import { ownerOfPath } from '../../../src/core/code/path-owner.ts';
import type { CodeTimes } from '../../../src/protocol/code-times.ts';

type Row = readonly [component: string, file: string | undefined, timeNs: number];

function group(rows: readonly Row[]): CodeTimes {
  return groupCode(
    rows.flatMap(([component, file, timeNs]) => {
      const place = codePlaceOf({ component, file });
      return place ? [{ place, timeNs, source: 'sampled' as const }] : [];
    }),
  );
}

function namesOf({ groups }: CodeTimes): readonly string[] {
  return groups.map(({ name, cpuNs }) => `${name} ${cpuNs}`);
}

describe('ownerOfPath', () => {
  const owners: readonly (readonly [string, string | undefined])[] = [
    ['/w/node_modules/express/lib/router.js', 'node_modules/express'],
    ['/w/node_modules/@scope/name/index.js', 'node_modules/@scope/name'],
    ['/w/node_modules/.pnpm/send@0.19.0/node_modules/send/index.js', 'node_modules/send'],
    ['/w/node_modules/.pnpm/@a+b@1.0.0/node_modules/@a/b/x.js', 'node_modules/@a/b'],
    ['/w/.yarn/cache/lodash-npm-4.17.21-6382451519.zip/node_modules/lodash/lodash.js', 'node_modules/lodash'],
    ['C:\\w\\node_modules\\ws\\lib\\sender.js', 'node_modules/ws'],
    ['.venv/lib/python3.12/site-packages/requests/api.py', 'site-packages/requests'],
    ['/usr/lib/python3/dist-packages/six.py', 'site-packages/six'],
    ['/usr/lib/python3.12/json/decoder.py', '(python)'],
    ['/opt/python/lib/python3.13t/threading.py', '(python)'],
    ['C:\\Python312\\Lib\\json\\decoder.py', '(python)'],
    ['<frozen importlib._bootstrap>', '(python)'],
    ['<string>', '(generated code)'],
    ['node:internal/modules/cjs/loader', '(node)'],
    ['src/server.js', undefined],
    ['src/node_modules.js', undefined],
    ['lib/python/tool.py', undefined],
    ['/elsewhere/tool.py', undefined],
  ];
  for (const [file, owner] of owners) {
    it(`${owner === undefined ? 'leaves' : 'recognizes'} ${file}`, () => {
      assert.equal(ownerOfPath(file), owner);
    });
  }
});

describe('groupCode', () => {
  it('lists files of a flat project, packages and the runtime by their time, and unites small packages', () => {
    const code = group([
      ['src', 'src/catalog.js', 740],
      ['src', 'src/server.js', 40],
      ['node_modules/fastify', '/w/node_modules/fastify/fastify.js', 86],
      ['(node)', undefined, 50],
      ['(native)', undefined, 34],
      ['(garbage collector)', undefined, 30],
      ...Array.from({ length: 6 }, (_, index): Row => [`node_modules/p${index}`, undefined, 1]),
      ['(pipescope)', undefined, 5000],
    ]);
    assert.deepEqual(namesOf(code), [
      'src/catalog.js 740',
      'fastify 86',
      'Node.js 84',
      'src/server.js 40',
      'garbage collector 30',
      '6 smaller packages 6',
    ]);
    assert.equal(code.totalNs, 986);
  });

  it('goes down to the folders in which a project of several packages spends its time', () => {
    const code = group([
      ['apps/web', 'apps/web/src/server/a.ts', 300],
      ['apps/web', 'apps/web/src/server/b.ts', 200],
      ['apps/web', 'apps/web/src/routes/a.ts', 200],
      ['apps/web', 'apps/web/src/db/a.ts', 100],
      ['packages/ui', 'packages/ui/src/x.ts', 50],
    ]);
    assert.deepEqual(namesOf(code), [
      'apps/web/src/server 500',
      'apps/web/src/routes 200',
      'apps/web/src/db 100',
      'packages 50',
    ]);
  });

  it('keeps a folder whole if its files would show less', () => {
    assert.deepEqual(namesOf(group(Array.from({ length: 40 }, (_, index) => ['src', `src/f${index}.js`, 10]))), [
      'src 400',
    ]);
  });

  it('names the files of a profile from the folder that contains them all', () => {
    const code = group([
      ['/home/ada/shop/src', '/home/ada/shop/src/a/x.js', 30],
      ['/home/ada/shop/src', '/home/ada/shop/src/b.js', 60],
    ]);
    assert.deepEqual(namesOf(code), ['b.js 60', 'a/x.js 30']);
  });

  it('names files that have no folder in common', () => {
    const { groups } = group([
      ['functions', '/a.js', 60],
      ['functions', 'C:/b.js', 40],
    ]);
    assert.equal(
      groups.reduce((sum, { cpuNs }) => sum + cpuNs, 0),
      100,
    );
  });

  it('keeps the names of pipescope.json', () => {
    const place = codePlaceOf({ component: 'billing', file: 'src/a/b.ts' }, true);
    assert.ok(place);
    const code = groupCode([{ place, timeNs: 5, source: 'sampled' }]);
    assert.deepEqual(namesOf(code), ['billing 5']);
    assert.equal(groupOfPlace(code, place)?.name, 'billing');
  });

  const segment = fc.constantFrom('a', 'b', 'lib', 'src', 'x.js', 'y.js');
  const root = fc.constantFrom('', '', '/', 'C:/', 'file:///');
  const file = fc
    .tuple(root, fc.array(segment, { maxLength: 5 }))
    .map(([start, parts]) => `${start}${[...parts, 'f.js'].join('/')}`);
  const row = fc.oneof(
    fc.record({ component: fc.constant('c'), file, timeNs: fc.nat(1000) }),
    fc.record({
      component: fc.nat(12).map((index) => `node_modules/p${index}`),
      file: fc.constant(undefined),
      timeNs: fc.nat(1000),
    }),
    fc.record({
      component: fc.constantFrom('(node)', '(native)', '(elsewhere)', '(wasm)', '(garbage collector)', '(python)'),
      file: fc.constant(undefined),
      timeNs: fc.nat(1000),
    }),
  );

  it('has at most nine groups, which contain every function exactly once', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 80 }), (rows) => {
        const code = group(rows.map(({ component, file: path, timeNs }) => [component, path, timeNs]));
        assert.ok(code.groups.length <= 9, `${code.groups.length} groups`);
        const sums = new Map<unknown, number>();
        for (const { component, file: path, timeNs } of rows) {
          if (timeNs === 0) continue;
          const place = codePlaceOf({ component, file: path });
          assert.ok(place);
          const owner = groupOfPlace(code, place);
          assert.ok(owner, `${component} ${path} has a group`);
          sums.set(owner, (sums.get(owner) ?? 0) + timeNs);
        }
        for (const entry of code.groups) assert.equal(sums.get(entry), entry.cpuNs, entry.name);
        assert.equal(new Set(code.groups.map(({ kind, name }) => `${kind} ${name}`)).size, code.groups.length);
      }),
      { numRuns: 500 },
    );
  });
});
