/** The package that people install holds what runs and nothing else, and runs from there. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { removeDir, temporaryDir } from '../server.mjs';
import { root } from '../setup.mjs';
import { Person, soonMs } from './person.ts';

const vsix = join(root, 'out/pipescope.vsix');

/** One row for each kind of file that may be in it, and must. */
const kinds: readonly RegExp[] = [
  /^\[Content_Types\]\.xml$/,
  /^extension\.vsixmanifest$/,
  /^extension\/package\.json$/,
  /^extension\/readme\.md$/i,
  /^extension\/changelog\.md$/i,
  /^extension\/LICENSE\.txt$/i,
  /^extension\/dist\/(extension|cli|keeper|probe)\.js$/,
  /^extension\/dist\/(preload|sampler|wrap)\.cjs$/,
  /^extension\/dist\/python\/(sitecustomize|pipescope_\w+)\.py$/,
  /^extension\/dist\/chunks\/[\w.-]+\.js$/,
  /^extension\/dist\/pipelines\/(detection|exercise|extractor|sweeper|validation|verify)\.js$/,
  /^extension\/dist\/pipelines\/queries\/\w+\.scm$/,
  /^extension\/dist\/webview\/main\.(js|css)$/,
  /^extension\/dist\/grammars\/(web-tree-sitter|typescript|tsx|javascript|python)\.wasm$/,
  /^extension\/media\/[\w-]+\.svg$/,
  /^extension\/media\/pipescope\.schema\.json$/,
];

/** Names of the files in a ZIP archive, by its central directory (APPNOTE.TXT 4.3.12 and 4.3.16). */
function listed(file: string): string[] {
  const bytes = readFileSync(file);
  const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  const names: string[] = [];
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
    const [name, extra, comment] = [28, 30, 32].map((offset) => bytes.readUInt16LE(at + offset)) as [
      number,
      number,
      number,
    ];
    names.push(bytes.toString('utf8', at + 46, at + 46 + name));
    at += 46 + name + extra + comment;
  }
  return names;
}

describe('the package', () => {
  it('holds only what runs, and all of it', () => {
    assert.ok(existsSync(vsix), 'run `npm run package` first');
    const names = listed(vsix);
    console.log(`      ${(statSync(vsix).size / 1024).toFixed(0)} KB, ${names.length} files`);
    assert.deepEqual(
      names.filter((name) => !kinds.some((kind) => kind.test(name))),
      [],
      'files that do not run',
    );
    assert.deepEqual(
      kinds.filter((kind) => !names.some((name) => kind.test(name))).map(String),
      [],
      'kinds of files that are missing',
    );
  });
});

describe('a person who has installed the package', () => {
  const dir = temporaryDir('pipescope-package-');
  let person: Person;

  before(async () => {
    for (let at = 0; at < 40; at++) {
      writeFileSync(
        join(dir, `part${at}.py`),
        `def work${at}(x):\n    return len(str(x))\n\nprint(work${at}(${at}))\n`,
      );
    }
    person = await Person.opens({ folder: dir, extension: vsix });
  });

  afterEach(async function () {
    await person?.tellsFailure(this.currentTest);
  });

  after(async () => {
    await person?.leaves();
    removeDir(dir);
  });

  it('profiles a folder without git', async () => {
    await person.runs('Pipescope: Profile…');
    await person.picks('Function-call detection');
    await person.panel.getByText(/succeeded after/).waitFor({ timeout: soonMs });
    await person.photographs('package');
    assert.match(await person.panel.locator('.tiles').innerText(), /\b40\b/);
  });

  it('finds what happened in the log', async () => {
    await person.runs('Pipescope: Show Log');
    await person.page
      .locator('.panel .view-lines', { hasText: /detection/i })
      .first()
      .waitFor({ timeout: soonMs });
    await person.photographs('log');
  });
});
