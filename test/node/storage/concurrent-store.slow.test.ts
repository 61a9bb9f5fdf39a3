/** Uses one history from several processes, and kills processes while they replace a baseline. */
import { strict as assert } from 'node:assert';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Store } from '../../../src/node/storage/store.ts';
import { reportOf } from '../../fixtures/benchmark.ts';
import { createTemporaryFolder } from '../../fixtures/pipeline.ts';

const storeModule = JSON.stringify(join(import.meta.dirname, '../../../src/node/storage/store.ts'));
const report = reportOf({ cold: Array.from({ length: 2000 }, (_, index) => index + 1) });
const key = JSON.stringify(report);

/** Starts a process with a `Store` class, a `report` and a function that waits for a time of the clock. */
function start(code: string): ChildProcess {
  const prelude = `
    const { Store } = await import(${storeModule});
    const report = ${key};
    const sleep = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  `;
  return spawn(process.execPath, ['--no-warnings', '--input-type=module', '-e', prelude + code], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function outputOf(child: ChildProcess): Promise<string> {
  let text = '';
  child.stdout?.on('data', (part) => (text += part));
  child.stderr?.on('data', (part) => (text += part));
  await once(child, 'close');
  return text;
}

describe('Store in several processes', function () {
  this.timeout(120_000);
  let temporary: ReturnType<typeof createTemporaryFolder>;
  before(() => {
    temporary = createTemporaryFolder();
  });
  after(() => temporary.done());

  it('is never locked, however many processes create and use it at the same moment', async () => {
    const folders = Array.from({ length: 15 }, (_, index) => join(temporary.path, `shared-${index}`));
    const startMs = Date.now() + 2000;
    const use = `
      for (const [round, folder] of ${JSON.stringify(folders)}.entries()) {
        sleep(Math.max(0, ${startMs} + round * 40 - Date.now()));
        try {
          const log = [];
          const store = new Store(folder, (line) => log.push(line));
          store.reports.addToHistory(report);
          store.reports.saveBaseline(String(process.pid), report);
          store.saveRun({ id: String(process.pid), pipeline: 'p', startedAt: report.at });
          store.close();
          if (log.length > 0) console.log(log.join(' '));
        } catch (error) {
          console.log(String(error));
        }
      }`;
    const outputs = await Promise.all(Array.from({ length: 4 }, () => outputOf(start(use))));
    assert.deepEqual(outputs, ['', '', '', '']);
    for (const folder of folders) {
      const store = new Store(folder);
      assert.equal(store.reports.baselines().length, 4);
      assert.equal(store.reports.history(report).length, 4);
      assert.equal(store.runs().length, 4);
      store.close();
    }
  });

  it('has the baseline after every process that was killed while it replaced the baseline', async () => {
    const folder = join(temporary.path, 'killed');
    const first = new Store(folder);
    first.reports.saveBaseline('main', report);
    first.close();
    const replace = `
      const store = new Store(${JSON.stringify(folder)});
      process.stdout.write('started');
      for (;;) store.reports.saveBaseline('main', report);`;
    for (let round = 0; round < 12; round++) {
      const child = start(replace);
      const closed = once(child, 'close');
      assert.ok(child.stdout);
      await once(child.stdout, 'data');
      await new Promise((resolve) => setTimeout(resolve, 3 + 7 * (round % 5)));
      child.kill('SIGKILL');
      await closed;
      const store = new Store(folder, (line) => assert.fail(line));
      assert.deepEqual(store.reports.findBaseline('main', report), report, `round ${round}`);
      store.close();
    }
  });
});
