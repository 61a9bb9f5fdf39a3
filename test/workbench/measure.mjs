/** Measures extension activation: starts VS Code several times and prints the activation times in ms as a JSON list. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fail, root, setUp } from './setup.mjs';

const starts = Number(process.argv[2] ?? 5);
const times = [];
const workspaces = [];
try {
  setUp(['packages', 'code', 'browser']);
  const { runSuite } = await import('./suite.mjs');
  for (let start = 0; start < starts; start++) {
    // A new, empty folder: source files or restored editors would activate the extension too early.
    const workspace = mkdtempSync(join(tmpdir(), 'pipescope-empty-'));
    workspaces.push(workspace);
    await runSuite({ module: join(root, 'test/workbench/suite/measure.ts'), workspace });
    times.push(JSON.parse(readFileSync(join(root, 'test/output/activation.json'), 'utf8')).activationMs);
  }
  console.log(`\n${JSON.stringify(times)}`);
} catch (error) {
  fail(error);
} finally {
  for (const workspace of workspaces) rmSync(workspace, { recursive: true, force: true });
}
