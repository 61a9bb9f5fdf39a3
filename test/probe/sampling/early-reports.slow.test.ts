/** Checks that a program that lives only for a moment is reported although it is killed. */
import { strict as assert } from 'node:assert';
import { createProgramFolder, operationsIn, runProfiled } from '../profiled-program.ts';
import { hasStacks } from '../stack-times.ts';

/** Keeps its main thread and a worker busy until both are killed. */
const program = `
const { Worker, isMainThread } = require('node:worker_threads');
function busy() { for (let i = 0; i < 1e5; i++) Math.sqrt(i); }
if (isMainThread) new Worker(__filename);
for (;;) busy();
`;

describe('the first reports of a thread', function () {
  this.timeout(60_000);

  it('follow each other faster than the later ones, so that little is lost if it is killed', async () => {
    const cwd = createProgramFolder({ 'main.cjs': program });
    const { batches, signal } = await runProfiled(['main.cjs'], {
      cwd,
      onStarted: (child) => setTimeout(() => child.kill('SIGKILL'), 2500),
    });
    assert.equal(signal, 'SIGKILL');
    const sources = [...new Set(batches.map(({ source }) => source))];
    assert.equal(sources.length, 2);
    for (const source of sources) {
      const timesNs = batches.filter((batch) => batch.source === source && hasStacks(batch)).map(({ atNs }) => atNs);
      const gapsMs = timesNs.slice(1).map((atNs, index) => (atNs - (timesNs[index] as number)) / 1e6);
      const late = gapsMs.slice(4).toSorted((a, b) => a - b);
      const usualMs = late[Math.floor(late.length / 2)] ?? 0;
      assert.ok(late.length > 1 && usualMs > 100, `gaps of ${gapsMs.map(Math.round).join(' ')} ms`);
      assert.ok(Math.min(...gapsMs.slice(0, 3)) < usualMs / 2, `gaps of ${gapsMs.map(Math.round).join(' ')} ms`);
      assert.ok(operationsIn(batches).some((operation) => operation.source === source && operation.selfNs > 0));
    }
  });
});
