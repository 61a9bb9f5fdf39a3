/** Tests that the pipeline can stay and update its result when the host lists changed files. */
import { strict as assert } from 'node:assert';
import { fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ipcVariable } from '../../../src/protocol/environment-variables.ts';
import { createWorkspace, detect, entry, writeFile } from './run-detection.ts';

const files: Readonly<Record<string, string>> = Object.fromEntries([
  ['a.ts', "import { b } from './b';\nb();\n"],
  ['b.ts', 'export function b() {}\n'],
  ...Array.from({ length: 12 }, (_, index) => [`other${index}.ts`, `function f${index}() {}\nf${index}();\n`]),
]);

describe('a detection pipeline that stays', function () {
  this.timeout(90_000);
  it('updates the result after the control `changed` and ends after the control `stop`', async () => {
    const workspace = createWorkspace(files);
    const folder = mkdtempSync(join(tmpdir(), 'pipescope-resident-'));
    for (const name of Object.keys(files)) utimesSync(join(workspace, name), 1e9, 1e9);
    const result = join(folder, 'result.jsonl');
    const args = ['--workspace', workspace, '--result', result, '--cache', join(folder, 'cache'), '--stay'];
    const child = fork(entry, args, {
      env: { ...process.env, [ipcVariable]: '1' },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    try {
      let output = '';
      child.stderr?.on('data', (chunk) => {
        output += chunk;
      });
      const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
      const whenWritten = async (pattern: RegExp): Promise<void> => {
        const end = Date.now() + 30_000;
        while (!pattern.test(output)) {
          assert.ok(Date.now() < end, `the output lacks ${pattern}: ${output}`);
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        output = '';
      };
      await whenWritten(/calls in 14 files/);
      writeFileSync(join(workspace, 'b.ts'), 'export function b() { b(); }\n');
      child.send({ type: 'changed', files: ['b.ts'] });
      await whenWritten(/1 of 1 files were read again/);
      assert.match(readFileSync(result, 'utf8'), /"file":"b.ts".*"target":"b.ts#b"/);
      writeFileSync(join(workspace, 'b.ts'), 'export function c() {}\n');
      child.send({ type: 'changed', files: ['b.ts'] });
      await whenWritten(/1 of 1 files were read again/);
      assert.equal(readFileSync(result, 'utf8'), (await detect({ workspace })).text);
      // Each of these depends on a file of the update before, which the process may still have in memory.
      for (const [name, source] of [
        ['a.ts', "import { c } from './b';\nc();\n"],
        ['b.ts', 'export class c {\n  m() {}\n}\n'],
        ['a.ts', "import { c } from './b';\nnew c().m();\n"],
      ] as const) {
        writeFileSync(join(workspace, name), source);
        child.send({ type: 'changed', files: [name] });
        await whenWritten(/1 of 1 files were read again/);
        assert.equal(readFileSync(result, 'utf8'), (await detect({ workspace })).text);
      }
      assert.match(readFileSync(result, 'utf8'), /"file":"a.ts".*"target":"b.ts#c.m"/);
      writeFile(workspace, 'new.ts', 'function added() {}\nadded();\n');
      child.send({ type: 'changed', files: ['new.ts'] });
      await whenWritten(/calls in 15 files/);
      assert.equal(readFileSync(result, 'utf8'), (await detect({ workspace })).text);
      child.send({ type: 'stop' });
      assert.equal(await exited, 0);
    } finally {
      child.kill();
      rmSync(workspace, { recursive: true });
      rmSync(folder, { recursive: true });
    }
  });
});
