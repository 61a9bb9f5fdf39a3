/** Checks references to source maps and maps in every form that ECMA-426 allows, and in hostile ones. */
import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findSourceMapUrl } from '../../../src/probe/source/source-map-url.ts';
import { SourceMaps } from '../../../src/probe/source/source-maps.ts';

const reference = '//# sourceMappingURL=a.js.map';

describe('findSourceMapUrl', () => {
  const references: Readonly<Record<string, readonly [code: string, url: string | undefined]>> = {
    'on the last line': [`f();\n${reference}`, 'a.js.map'],
    'before empty lines': [`f();\n${reference}\n\n \t\r\n`, 'a.js.map'],
    'before a debug ID': [`f();\n${reference}\n//# debugId=85314830-023f-4cf1-a267-535f4e37bb17\n`, 'a.js.map'],
    'before a source URL': [`f();\n${reference}\n\n//# sourceURL=http://localhost/x.js\n`, 'a.js.map'],
    'before comments': [`f();\n${reference}\n// it's \`built\`\n/* at\n * noon */`, 'a.js.map'],
    'inside the function of a module loader': [`(function () {f();\n${reference}\n});`, 'a.js.map'],
    'at the end of a line of code': [`f(); ${reference}\n`, 'a.js.map'],
    'after a line feed of its own': [`f();\u2028${reference}\u2029`, 'a.js.map'],
    'in the old form': ['f();\n//@ sourceMappingURL=old.map\n', 'old.map'],
    'in a block comment': ['f();\n/*# sourceMappingURL=block.map */\n', 'block.map'],
    'with blanks': ['f();\n//#  sourceMappingURL=a.map \t', 'a.map'],
    'after another one': [`${reference}\n//# sourceMappingURL=last.map\n`, 'last.map'],
    'before one in a block comment': [`${reference}\n/*\n//# sourceMappingURL=old.map\n*/`, 'a.js.map'],
    'before code': [`${reference}\nf();`, undefined],
    'in a string': ['f("\\n//# sourceMappingURL=a.map");', undefined],
    'at the end of a string': ['const a = "//# sourceMappingURL=a.map"', undefined],
    'in a string over two lines': ["const a = '\\\n//# sourceMappingURL=a.map\\\n'", undefined],
    'in a template': ['const a = `\n//# sourceMappingURL=a.map\n`;', undefined],
    'in a template that ends in a comment': ['const a = `\n//# sourceMappingURL=a.map\n// `', undefined],
    'in a template after a real one': [`${reference}\nconst a = \`\n//# sourceMappingURL=b.map\n\`;`, undefined],
    'in a comment about it': ['// use //# sourceMappingURL=a.map\n', undefined],
    'with text after it': ['//# sourceMappingURL=a.map and more', undefined],
    'without a URL': ['//# sourceMappingURL=\n', undefined],
    'that is only a name': ['sourceMappingURL=a.map', undefined],
  };
  for (const [what, [code, url]] of Object.entries(references)) {
    it(`${url === undefined ? 'ignores' : 'finds'} a reference ${what}`, () => {
      assert.equal(findSourceMapUrl(code), url);
    });
  }

  it('takes milliseconds for megabytes of what looks like references', () => {
    const hostile = [
      '//# sourceMappingURL='.repeat(200_000),
      `${reference}\n`.repeat(100_000),
      `${reference}\n${'/*'.repeat(100_000)}`,
      `${reference}\n${')'.repeat(250_000)}x`,
      `f()${' '.repeat(4_000_000)}${reference}`,
    ];
    const startMs = performance.now();
    for (const code of hostile) findSourceMapUrl(code);
    assert.ok(performance.now() - startMs < 2000);
  });
});

describe('SourceMaps', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'pipescope-maps-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  /** Generated line 1, column 9 is line 5 of the first source; its name begins at column 8. */
  const simpleMap = { version: 3, sources: ['../src/app.ts'], names: ['totalOf'], mappings: 'QAIOA' };
  const inline = (map: unknown, header = 'application/json;base64', encode = (text: string) => btoa(text)): string =>
    `data:${header},${encode(JSON.stringify(map))}`;
  const positionWith = (url: string): string => {
    const maps = new SourceMaps(folder);
    const file = join(folder, 'out/app.js');
    maps.add(file, url);
    const { file: source, line, name } = maps.originalFunction(file, 0, 9, 'i');
    return `${source.replace(`${folder}/`, '')}:${line} ${name}`;
  };
  const mapped = 'src/app.ts:5 totalOf';
  const unmapped = 'out/app.js:1 i';

  const forms: Readonly<Record<string, readonly [url: () => string, expected: string]>> = {
    'an inline map': [() => inline(simpleMap), mapped],
    'a data URL with a charset': [() => inline(simpleMap, 'application/json;charset=utf-8;base64'), mapped],
    'a data URL without base64': [() => inline(simpleMap, 'application/json', encodeURIComponent), mapped],
    'a data URL with encoded base64': [() => inline(simpleMap).replaceAll('=', '%3D'), mapped],
    'a map behind a prefix against scripts': [
      () => `data:;base64,${btoa(`)]}'\n${JSON.stringify(simpleMap)}`)}`,
      mapped,
    ],
    'an indexed map': [
      () => inline({ version: 3, sections: [{ offset: { line: 0, column: 0 }, map: simpleMap }] }),
      mapped,
    ],
    'a source root': [() => inline({ ...simpleMap, sourceRoot: '../src', sources: ['app.ts'] }), mapped],
    'a list of ignored sources': [() => inline({ ...simpleMap, ignoreList: [0] }), mapped],
    'sources without content': [() => inline({ ...simpleMap, sourcesContent: [null] }), mapped],
    'a source that is null': [() => inline({ ...simpleMap, sources: [null] }), unmapped],
    'a source that is null under a root': [
      () => inline({ ...simpleMap, sourceRoot: '/a/', sources: [null] }),
      unmapped,
    ],
    'a source that is a number': [() => inline({ ...simpleMap, sources: [7] }), unmapped],
    'a name that is an object': [() => inline({ ...simpleMap, names: [{}] }), 'src/app.ts:5 i'],
    'no names': [() => inline({ ...simpleMap, names: undefined }), 'src/app.ts:5 i'],
    'sources that are not a list': [() => inline({ ...simpleMap, sources: 'app.ts' }), unmapped],
    'mappings that are not mappings': [() => inline({ ...simpleMap, mappings: 'ä"!' }), unmapped],
    'mappings of a source that does not exist': [
      () => inline({ ...simpleMap, mappings: 'QAAAA,AEAA' }),
      'out/app.js:1 i',
    ],
    'numbers beyond all limits': [() => inline({ ...simpleMap, mappings: 'Q//////////////B' }), unmapped],
    'millions of lines': [() => inline({ ...simpleMap, mappings: ';'.repeat(4_000_000) }), unmapped],
    'a section that starts at line 2,000,000,000': [
      () => inline({ version: 3, sections: [{ offset: { line: 2e9, column: 0 }, map: simpleMap }] }),
      unmapped,
    ],
    'sections without a place': [() => inline({ version: 3, sections: [{ map: simpleMap }] }), unmapped],
    'sections in sections in sections': [
      () => {
        let map: unknown = simpleMap;
        for (let depth = 0; depth < 50; depth++)
          map = { version: 3, sections: [{ offset: { line: 0, column: 0 }, map }] };
        return inline(map);
      },
      unmapped,
    ],
    'JSON of another kind': [() => inline([1]), unmapped],
    'no JSON': [() => 'data:application/json,{', unmapped],
    'malformed percent signs': [() => 'data:application/json,%E0%A4%A', unmapped],
    'a web address': [() => 'https://localhost/app.js.map', unmapped],
    'a device that never ends': [() => '/dev/zero', unmapped],
    'a folder': [() => '.', unmapped],
  };
  for (const [what, [url, expected]] of Object.entries(forms)) {
    it(`maps a position with ${what}`, () => assert.equal(positionWith(url()), expected));
  }

  it('does not wait for a pipe that a reference names', () => {
    execFileSync('mkfifo', [join(folder, 'pipe.map')]);
    assert.equal(positionWith(join(folder, 'pipe.map')), unmapped);
    writeFileSync(join(folder, 'piped.js'), '//# sourceMappingURL=pipe.map\n');
    assert.equal(new SourceMaps(folder).originalFunction(join(folder, 'piped.js'), 0, 0, 'f').line, 1);
  });

  it('takes the name of the function and not that of its parameter', () => {
    // t=n=>n+1; with the names of `t` and `n`, each at its own column
    const map = { version: 3, sources: ['a.ts'], names: ['increment', 'value'], mappings: 'AAAAA,EAAEC' };
    const maps = new SourceMaps(folder);
    maps.add('/w/a.js', inline(map));
    assert.equal(maps.originalFunction('/w/a.js', 0, 2, 't').name, 'increment');
    assert.equal(maps.originalFunction('/w/a.js', 0, 2, '').name, '');
  });

  /**
   * Lines of the running file: 0 is line 1 of a.ts; 1 joins lines 2 and 3; 2 holds lines 4 and 9, which are far apart; 3 is line
   * 10 of b.ts; 4 comes from no source.
   */
  const lineMap = {
    version: 3,
    sources: ['a.ts', 'b.ts'],
    names: [],
    mappings: 'AAAA;AACA,IACA;AACA,IAKA;ACCA;A',
  };
  const lines: readonly (readonly [
    string,
    line: number,
    column: number | undefined,
    source: string,
    original: number,
  ])[] = [
    ['of one line', 0, undefined, 'a.ts', 1],
    ['that joins lines of a statement', 1, undefined, 'a.ts', 2],
    ['that joins lines, by its column', 1, 5, 'a.ts', 3],
    ['that stands for lines far apart', 2, undefined, 'a.ts', 0],
    ['that stands for lines far apart, by its column', 2, 5, 'a.ts', 9],
    ['of another source than the function', 3, undefined, 'a.ts', 0],
    ['of a second source', 3, undefined, 'b.ts', 10],
    ['without a source', 4, undefined, 'a.ts', 0],
    ['of a function that is not mapped', 4, undefined, 'app.js', 5],
  ];
  for (const [title, line, column, source, original] of lines)
    it(`finds the original of a line ${title}`, () => {
      const maps = new SourceMaps(folder);
      maps.add('/w/app.js', inline(lineMap));
      assert.equal(maps.originalLine('/w/app.js', line, column, `/w/${source}`), original);
    });

  it('leaves lines alone in a file without a source map, and does not guess them in one that was compiled in memory', () => {
    writeFileSync(join(folder, 'plain.js'), 'f();\n');
    const plain = join(folder, 'plain.js');
    assert.equal(new SourceMaps(folder).originalLine(plain, 6, undefined, plain), 7);
    const maps = new SourceMaps(folder);
    maps.add('/w/a.ts', inline(lineMap));
    assert.equal(maps.originalLine('/w/a.ts', 4, undefined, '/w/a.ts'), 0);
  });
});
