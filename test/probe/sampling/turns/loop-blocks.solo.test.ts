/** Runs real programs with planted turns that are too long, and compares what is recorded with what they measure themselves. */
import { strict as assert } from 'node:assert';
import { Recorder } from '../../../../src/core/record/recorder.ts';
import type { BlockMoment } from '../../../../src/protocol/event-loop-blocks.ts';
import { nodeVersion } from '../../../fixtures/guest-tools.ts';
import { createProgramFolder, type ProgramOptions, runProfiled } from '../../profiled-program.ts';

/**
 * Functions that the programs call from timers. They print how long each turn took. The first timer leaves the sampler time to
 * start.
 */
const planted = `const { spawnSync } = require('node:child_process');
function spin(ms) { let sum = 0; const until = performance.now() + ms; while (performance.now() < until) for (let index = 0; index < 1e4; index++) sum += index % 7; return sum; }
function shortTurn() { return spin(20); }
function medium() { const sum = spin(80); return sum; }
function long() { const sum = spin(120); return sum; }
function longest() { const sum = spin(300); return sum; }
function waitsForProgram() { const { stdout } = spawnSync(process.execPath, ['-e', 'setTimeout(() => {}, 150)']); for (const byte of stdout) spin(byte); return spin(5); }
function waitsForCell() { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 150); return spin(5); }
const turns = [];
function runAll(jobs, done) {
  const [job, ...others] = jobs;
  const scheduledMs = performance.now();
  setTimeout(() => {
    if (!job) return done();
    const startMs = performance.now();
    job();
    turns.push([job.name, performance.now() - startMs, startMs - scheduledMs - 60]);
    runAll(others, done);
  }, 60);
}
`;

const main = `${planted}
spin(150);
setTimeout(() => runAll([medium, shortTurn, long, waitsForProgram, longest, shortTurn, waitsForCell, medium], () => console.log(JSON.stringify(turns))), 400);
`;

const modules = `import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
${planted}
spin(200);
setTimeout(() => runAll([medium, longest], () => console.log(JSON.stringify(turns))), 400);
`;

const worker = `const { Worker, isMainThread } = require('node:worker_threads');
${planted}
if (isMainThread) new Worker(__filename, { stdout: false });
else { spin(150); runAll([long], () => { console.log(JSON.stringify(turns)); const cell = new Int32Array(new SharedArrayBuffer(4)); setTimeout(() => Atomics.wait(cell, 0, 0, 200), 20); }); }
`;

/** Requests that take 2 ms each, one after another, and one that takes 150 ms. */
const server = `${planted}
function answer(request, response) { spin(2); response.end('ok'); }
function report(request, response) { const sum = spin(150); response.end(String(sum)); }
const server = require('node:http').createServer((request, response) => (request.url === '/report' ? report : answer)(request, response));
const agent = new (require('node:http').Agent)({ keepAlive: true });
const fetchOne = (path) => new Promise((done) => require('node:http').get({ port: server.address().port, path, agent }, (response) => response.resume().on('end', done)));
server.listen(0, async () => {
  const until = performance.now() + 1500;
  let count = 0;
  while (performance.now() < until) { await Promise.all(['/', '/', '/'].map(fetchOne)); if (++count === 40) { const startMs = performance.now(); await fetchOne('/report'); turns.push(['report', performance.now() - startMs]); } }
  agent.destroy();
  server.close();
  console.log(JSON.stringify(turns));
});
`;

/** How long a turn took, and by how much it was late because the machine was busy; it may have waited within that time. */
type Planted = readonly [name: string, ms: number, lateMs?: number];

async function blocksOf(file: string, text: string, options: Partial<ProgramOptions> = {}) {
  const cwd = createProgramFolder({ [file]: text });
  const result = await runProfiled([file], { cwd, ...options });
  assert.equal(result.status, 0, result.stderr);
  assert.deepEqual([result.stderr, result.errors], ['', []]);
  const recorder = new Recorder({ components: [], wallStartMs: 0, displayPathOf: (name) => name });
  for (const batch of result.batches) recorder.ingest(batch, Date.now() * 1e6);
  const functions = recorder.stackFunctions.list();
  const namesOf = ({ path }: BlockMoment): readonly string[] => path.map((index) => functions[index]?.name ?? '');
  const moments = recorder.blocks.state()?.moments ?? [];
  return { planted: JSON.parse(result.stdout) as readonly Planted[], moments, namesOf };
}

/** Asserts that these turns were recorded, in this order and no others, with the right durations and stacks. */
function assertBlocks(
  { planted: turns, moments, namesOf }: Awaited<ReturnType<typeof blocksOf>>,
  { toleranceMs, minMs = 50 }: { readonly toleranceMs: number; readonly minMs?: number },
): void {
  const long = turns.filter(([, ms]) => ms >= minMs);
  const seen = moments.map((moment) => [namesOf(moment).join('>'), Math.round(moment.durationNs / 1e6)]);
  assert.equal(moments.length, long.length, JSON.stringify({ seen, long }));
  for (const [index, [name, ms, lateMs = 0]] of long.entries()) {
    const moment = moments[index] as BlockMoment;
    const difference = Math.abs(moment.durationNs / 1e6 - ms);
    assert.ok(difference <= toleranceMs + Math.max(0, lateMs), JSON.stringify({ seen, long }));
    assert.ok(namesOf(moment).includes(name), `${name}: ${seen[index]}`);
  }
}

/** Two intervals, and the time for which a busy machine may keep the sampler waiting. */
const toleranceMs = 30;

describe('blocks of the event loop', function () {
  this.timeout(60_000);

  it('are the turns of a program that took longer than 50 ms, with their functions and durations', async () => {
    assertBlocks(await blocksOf('main.cjs', main), { toleranceMs });
  });

  it('are found while V8 takes the samples', async () => {
    // To end a profile takes V8 tens of milliseconds on a busy machine, which is a long turn too.
    const config = { hasFineSampling: true, eventLoopBlockNs: 100e6 };
    assertBlocks(await blocksOf('main.cjs', main, { config }), { toleranceMs, minMs: 100 });
  });

  it('are found in ES modules, whose first run is no block', async () => {
    assertBlocks(await blocksOf('main.mjs', modules), { toleranceMs });
  });

  it('are found in workers, whose first run and whose waits for tasks are no blocks', async () => {
    const result = await blocksOf('main.cjs', worker);
    assertBlocks(result, { toleranceMs });
    assert.notEqual(result.moments[0]?.thread, 0);
  });

  it('are single turns of a busy server, not the time in which it is busy', async () => {
    // On a busy machine, a short turn can take much longer.
    assertBlocks(await blocksOf('main.cjs', server, { config: { eventLoopBlockNs: 100e6 } }), {
      toleranceMs,
      minMs: 100,
    });
  });

  for (const version of [18, 20, 22] as const) {
    it(`are found in Node ${version}`, async () => {
      assertBlocks(await blocksOf('main.cjs', main, { node: nodeVersion(version) }), { toleranceMs });
    });
  }

  it('are turns that are longer than the limit that is set', async () => {
    const limited = await blocksOf('main.cjs', main, { config: { eventLoopBlockNs: 280e6 } });
    assertBlocks(limited, { toleranceMs, minMs: 280 });
    assert.deepEqual((await blocksOf('main.cjs', main, { config: { eventLoopBlockNs: 0 } })).moments, []);
  });
});
