/** Checks threads and processes that are started with their own environment, and workers that are terminated. */
import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { nodeVersion } from '../../fixtures/guest-tools.ts';
import { createProgramFolder, operationsIn, runPlain, runProfiled } from '../profiled-program.ts';

const work = 'function work(ms) { const until = performance.now() + ms; while (performance.now() < until); }\n';

describe('threads and processes with their own environment', function () {
  this.timeout(60_000);

  for (const [version, path] of [
    ['Node 18', () => nodeVersion(18)],
    ['Node 20', () => nodeVersion(20)],
    ['the current Node', () => process.execPath],
  ] as const) {
    it(`are sampled if they are workers in ${version}`, async () => {
      const cwd = createProgramFolder({
        'main.cjs': `const { Worker, SHARE_ENV } = require('node:worker_threads');\nconst options = [{ env: {} }, { env: { A: '1' }, execArgv: [] }, { env: SHARE_ENV }, { execArgv: [] }, { env: { ...process.env, NODE_OPTIONS: '' } }];\nfor (const [index, option] of options.entries()) new Worker('./worker.cjs', { ...option, workerData: index }).on('exit', (code) => console.log('exit', code));\n`,
        'worker.cjs': `const { workerData } = require('node:worker_threads');\n${work}console.log(JSON.stringify([Object.keys(globalThis), Object.getOwnPropertyNames(process).length, process.listenerCount('exit'), workerData === 0 && process.env]));\nwork(1200);\n`,
      });
      const options = { cwd, node: path() };
      const profiled = await runProfiled(['main.cjs'], options);
      const expected = runPlain(['main.cjs'], options);
      const sorted = (text: string): string[] => text.split('\n').sort();
      assert.deepEqual([profiled.status, profiled.stderr, sorted(profiled.stdout)], [0, '', sorted(expected.stdout)]);
      // In Node 18, code that runs already when sampling starts counts for the module that called it.
      const seen = operationsIn(profiled.batches).filter(
        ({ file, samples }) => file?.endsWith('worker.cjs') && samples > 0,
      );
      assert.equal(new Set(seen.map(({ source }) => source)).size, 5, JSON.stringify(seen));
    });
  }

  it('are reported once if they are programs that could be profiled', async () => {
    const cwd = createProgramFolder({
      'main.cjs':
        "const { spawn, exec, fork } = require('node:child_process');\nconst env = { PATH: process.env.PATH };\nfor (let i = 0; i < 3; i++) spawn(process.execPath, ['child.cjs', '--token=secret'], { env });\nspawn('true', { env });\nexec('exit 0; node child.cjs', { env: {} });\nfork('child.cjs');\nspawn(process.execPath, ['other.cjs'], { env: { ...process.env, A: '1' } });\n",
      'child.cjs': '',
      'other.cjs': '',
    });
    const { batches, stderr, status } = await runProfiled(['main.cjs'], { cwd });
    assert.deepEqual([status, stderr], [0, '']);
    const notices = batches.flatMap(({ notices = [] }) => notices);
    const titles = notices.map((notice) => /is not profiled: (.*)\. Pass/.exec(notice)?.[1]);
    assert.deepEqual(titles, ['node child.cjs', 'sh -c node …']);
  });

  it('keep all counted calls of a worker that is terminated', async () => {
    const cwd = createProgramFolder({
      'main.cjs':
        "const { Worker } = require('node:worker_threads');\nconst worker = new Worker('./worker.cjs');\nworker.on('message', () => worker.terminate());\n",
      'worker.cjs': `function called() {}\nsetTimeout(() => {\n  for (let i = 0; i < 1234; i++) called();\n  require('node:worker_threads').parentPort.postMessage('done');\n  for (;;);\n}, 300);\n`,
    });
    const exact = [{ file: join(cwd, 'worker.cjs'), name: 'called' }];
    const { batches } = await runProfiled(['main.cjs'], { cwd, config: { exact } });
    const called = operationsIn(batches).find(({ name }) => name === 'called');
    assert.equal(called?.count, 1234);
    assert.ok(
      batches.some(({ source, bye }) => source.endsWith('.2') && bye),
      'the worker has a last batch',
    );
  });
});
