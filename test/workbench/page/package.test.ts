/** Checks the contents of the VSIX package, and that the extension runs when installed from it. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { removeDir, temporaryDir } from '../server.mjs';
import { root } from '../setup.mjs';
import { timeoutMs, WorkbenchUser } from './workbench-user.ts';

const vsix = join(root, 'out/pipescope.vsix');

/** Patterns of the files in the package. Each file must match a pattern, and each pattern a file. */
const allowedFiles: readonly RegExp[] = [
  /^\[Content_Types\]\.xml$/,
  /^extension\.vsixmanifest$/,
  /^extension\/package\.json$/,
  /^extension\/readme\.md$/i,
  /^extension\/changelog\.md$/i,
  /^extension\/LICENSE\.txt$/i,
  /^extension\/dist\/(extension|cli|keeper|end-trees|node-timer|probe|python-stacks)\.js$/,
  /^extension\/dist\/(preload|program-thread|sampler|wrap|attach|outline|remote-thread)\.cjs$/,
  /^extension\/dist\/python\/(sitecustomize|pipescope_probe|(guest|instrument|load|measure|watch)\/pipescope_\w+)\.py$/,
  /^extension\/dist\/process-timer\.py$/,
  /^extension\/dist\/chunks\/[\w.-]+\.js$/,
  /^extension\/dist\/pipelines\/[\w-]+-[A-Z0-9]{8}\.js$/,
  /^extension\/dist\/pipelines\/(detection|micro-benchmark|extractor|scan-worker|validation|verify)\.js$/,
  /^extension\/dist\/pipelines\/queries\/\w+\.scm$/,
  /^extension\/dist\/webview\/main\.(js|css)$/,
  /^extension\/dist\/grammars\/(web-tree-sitter|typescript|tsx|javascript|python)\.wasm$/,
  /^extension\/media\/[\w-]+\.svg$/,
  /^extension\/media\/pipescope\.schema\.json$/,
];

/** Lists the files in a ZIP archive from its central directory (APPNOTE.TXT 4.3.12 and 4.3.16). */
function listZipEntries(file: string): string[] {
  const bytes = readFileSync(file);
  const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  const names: string[] = [];
  let start = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) =>
      bytes.readUInt16LE(start + offset),
    ) as [number, number, number];
    names.push(bytes.toString('utf8', start + 46, start + 46 + nameLength));
    start += 46 + nameLength + extraLength + commentLength;
  }
  return names;
}

describe('the package', () => {
  it('contains all runtime files and no others', () => {
    assert.ok(existsSync(vsix), 'run `npm run package` first');
    const names = listZipEntries(vsix);
    console.log(`      ${(statSync(vsix).size / 1024).toFixed(0)} KB, ${names.length} files`);
    assert.deepEqual(
      names.filter((name) => !allowedFiles.some((kind) => kind.test(name))),
      [],
      'the package has no unexpected files',
    );
    assert.deepEqual(
      allowedFiles.filter((kind) => !names.some((name) => kind.test(name))).map(String),
      [],
      'the package has a file for each pattern',
    );
  });
});

describe('the installed package', () => {
  const dir = temporaryDir('pipescope-package-');
  let user: WorkbenchUser;

  before(async () => {
    for (let index = 0; index < 40; index++) {
      writeFileSync(
        join(dir, `part${index}.py`),
        `def work${index}(x):\n    return len(str(x))\n\nprint(work${index}(${index}))\n`,
      );
    }
    user = await WorkbenchUser.open({ folder: dir, extension: vsix });
  });

  afterEach(async function () {
    await user?.reportFailure(this.currentTest);
  });

  after(async () => {
    await user?.close();
    removeDir(dir);
  });

  it('profiles a folder without git', async () => {
    await user.runCommand('Pipescope: Profile…');
    await user.pick('Function-call detection');
    await user.panel.getByText(/succeeded after/).waitFor({ timeout: timeoutMs });
    await user.screenshot('package');
    assert.match(await user.panel.locator('.tiles').innerText(), /\b40\b/);
  });

  it('writes the run to the log', async () => {
    await user.runCommand('Pipescope: Show Log');
    await user.page
      .locator('.panel .view-lines', { hasText: /detection/i })
      .first()
      .waitFor({ timeout: timeoutMs });
    await user.screenshot('log');
  });
});
