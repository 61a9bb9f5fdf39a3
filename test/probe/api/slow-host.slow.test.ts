/** Checks that a host that stops reading costs a program neither memory nor records, with and without the preload. */
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { socketVariable } from '../../../src/protocol/environment-variables.ts';
import { until } from '../../fixtures/wait.ts';
import { buildPreload, createProgramFolder } from '../profiled-program.ts';
import { TestHost } from '../test-host.ts';

const api = JSON.stringify(resolve(import.meta.dirname, '../../../src/probe/api/api.ts'));
const operationCount = 2000;

/** Records calls of many operations all the time. Writes its memory when the host stalls and when it is told to end. */
const program = `
const { record } = await import(${api});
let calls = 0;
let isEnding = false;
const answer = () => {
  globalThis.gc?.();
  process.send({ calls, atNs: performance.now() * 1e6, rssBytes: process.memoryUsage.rss() });
};
process.on('message', (message) => {
  isEnding = message === 'end';
  answer();
});
const round = () => {
  for (let id = 0; id < ${operationCount}; id++, calls++) record('operation ' + id, (calls % 7) * 1000);
  if (isEnding) process.disconnect();
  else setTimeout(round, 5);
};
round();
process.send('ready');
setTimeout(() => process.exit(1), 40_000).unref();
`;

interface Answer {
  readonly calls: number;
  readonly atNs: number;
  readonly rssBytes: number;
}

describe('a program whose host stops reading', function () {
  this.timeout(60_000);

  for (const [what, usesPreload] of [
    ['with', true],
    ['without', false],
  ] as const) {
    it(`keeps its memory and loses no call ${what} the preload`, async () => {
      const cwd = createProgramFolder({ 'main.mjs': program });
      const host = new TestHost(join(cwd, 'socket'), 'one');
      const preload = usesPreload ? `--require "${join(await buildPreload(), 'preload.cjs')}"` : '';
      const env = { ...process.env, [socketVariable]: join(cwd, 'socket'), NODE_OPTIONS: preload };
      const child = spawn(process.execPath, ['--expose-gc', 'main.mjs'], {
        cwd,
        env,
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      });
      const ask = async (message: string): Promise<Answer> => {
        child.send(message);
        const [answer] = (await once(child, 'message')) as [Answer];
        return answer;
      };
      try {
        await once(child, 'message');
        await until(() => host.count > 20 * operationCount);
        host.isReading = false;
        const received = host.batches.length;
        const before = await ask('measure');
        // As long as 12 reports.
        await new Promise((done) => setTimeout(done, 3000));
        const after = await ask('measure');
        assert.equal(host.batches.length, received);
        const grownBytes = after.rssBytes - before.rssBytes;
        assert.ok(grownBytes < 100e6, `${Math.round(grownBytes / 1e6)} MB more in three seconds`);
        host.isReading = true;
        await until(() => host.count >= after.calls);
        const late = host.batches.slice(received).filter(({ atNs, operations }) => operations && atNs < after.atNs);
        assert.ok(late.length <= 6, `${late.length} batches waited for the host instead of a few merged ones`);
        const { calls } = await ask('end');
        await once(child, 'exit');
        await until(() => host.batches.some(({ bye }) => bye) || host.guestCount === 0);
        assert.deepEqual([host.malformed, host.lostBatches, host.undefinedCalls, host.dropped.calls], [[], 0, 0, 0]);
        assert.ok(calls > 100 * operationCount);
        assert.ok(host.count >= calls, `${host.count} of ${calls}`);
      } finally {
        child.kill('SIGKILL');
        await host.close();
      }
    });
  }
});
