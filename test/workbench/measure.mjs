/** Starts a real VS Code again and again and prints how long each waited for the extension: a JSON list of milliseconds. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fail, root, setUp } from './setup.mjs';

const starts = Number(process.argv[2] ?? 5);
// An empty folder: in a folder with sources a language would wake the extension before it is measured.
const workspace = mkdtempSync(join(tmpdir(), 'pipescope-empty-'));
const times = [];
try {
  setUp(['packages', 'code', 'browser']);
  const { runSuite } = await import('./suite.mjs');
  for (let start = 0; start < starts; start++) {
    await runSuite({ module: join(root, 'test/workbench/suite/measure.ts'), workspace });
    times.push(JSON.parse(readFileSync(join(root, 'test/output/activation.json'), 'utf8')).activationMs);
  }
  console.log(`\n${JSON.stringify(times)}`);
} catch (error) {
  fail(error);
} finally {
  rmSync(workspace, { recursive: true, force: true });
}
