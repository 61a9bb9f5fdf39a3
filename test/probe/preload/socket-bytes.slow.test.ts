/** Counts the bytes of sockets in programs of several processes and threads. */
import { strict as assert } from 'node:assert';
import { Recorder } from '../../../src/core/record/recorder.ts';
import { createProgramFolder, runProfiled } from '../profiled-program.ts';

const cwd = createProgramFolder({
  'main.cjs': `const { createServer, connect } = require('node:net');
const { isMainThread, Worker } = require('node:worker_threads');
// Three children and a worker send 3 MB each to a server of their own.
if (isMainThread && process.argv[2] === undefined) {
  for (const name of 'abc') require('node:child_process').fork(__filename, [name]);
  new Worker(__filename);
} else {
  const server = createServer((socket) => socket.resume().on('end', () => { socket.end(); server.close(); }));
  server.listen(0, () => connect(server.address().port).end(Buffer.alloc(3_000_000)));
}`,
});

describe('socket bytes', function () {
  this.timeout(60_000);

  it('are the sum over all processes and threads, also of those that have ended', async () => {
    const { batches, errors } = await runProfiled(['main.cjs'], { cwd });
    assert.deepEqual(errors, []);
    assert.equal(new Set(batches.map(({ source }) => source)).size, 5);
    const recorder = new Recorder({ components: [], wallStartMs: 0, displayPathOf: (file) => file });
    for (const batch of batches) recorder.ingest(batch, 0);
    const gauges = recorder.components.get('sockets')?.gauges;
    for (const name of ['bytes in', 'bytes out']) assert.equal(gauges?.get(name)?.state().value, 12_000_000, name);
  });
});
