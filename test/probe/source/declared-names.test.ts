import { strict as assert } from 'node:assert';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { SourceMaps } from '../../../src/probe/source/source-maps.ts';

describe('names of minified functions', () => {
  it('are found from the keyword, where stack traces begin a function, and from its parameters', () => {
    const folder = mkdtempSync(join(tmpdir(), 'pipescope-minified-'));
    const source = join(folder, 'src.js');
    writeFileSync(
      source,
      'function score(x) { let sum = 0; return sum + x; }\nfunction rank(list) { return list.map((x) => score(x)); }\nasync function load() { return rank([]); }\nglobalThis.run = () => [rank, load, score, rank, load, score];\n',
    );
    const outfile = join(folder, 'out.js');
    buildSync({ entryPoints: [source], outfile, bundle: true, minify: true, sourcemap: true, platform: 'node' });
    const code = readFileSync(outfile, 'utf8');
    const maps = new SourceMaps(folder);
    const names = ['score', 'rank', 'load'];
    const reported = [...code.matchAll(/(?:async )?function (\w+)\(/g)].map(({ 0: head, 1: name = '', index }) => {
      const before = code.slice(0, index);
      const line = before.split('\n').length - 1;
      const column = index - (before.lastIndexOf('\n') + 1);
      const at = (shift: number) => maps.originalFunction(outfile, line, column + shift, name).name;
      return [at(0), at(head.length - 1)];
    });
    rmSync(folder, { recursive: true });
    assert.deepEqual(
      reported,
      names.map((name) => [name, name]),
    );
  });
});
