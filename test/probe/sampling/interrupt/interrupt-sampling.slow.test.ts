/** Samples real programs by interrupts: who is on the stack, what waits, and that nothing else changes. */
import { strict as assert } from 'node:assert';
import { nodeVersion } from '../../../fixtures/guest-tools.ts';
import {
  createProgramFolder,
  operationsIn,
  type ProfiledResult,
  runPlain,
  runProfiled,
} from '../../profiled-program.ts';

const interrupts = { hasFineSampling: false, samplingNs: 2e6, hasFixedInterval: true };

/** V8 inlines \`weigh\` into the comparator, and both into the sort. */
const inlined = `const parcels = Array.from({ length: 20000 }, (_, index) => ({ label: 'parcel ' + (index * 7919) % 20011 }));
function weigh(parcel) {
  let weight = 0;
  for (let index = 0; index < parcel.label.length; index++) weight += parcel.label.charCodeAt(index) % 11;
  return weight / parcel.label.length;
}
const order = (left, right) => weigh(left) - weigh(right);
function sortParcels() { return [...parcels].sort(order).length; }
const until = performance.now() + 1500;
let rounds = 0;
while (performance.now() < until) rounds += sortParcels();
`;

const waiting = `const cell = new Int32Array(new SharedArrayBuffer(4));
function waits() { Atomics.wait(cell, 0, 0, 200); }
function works(ms) { let sum = 0; const until = process.cpuUsage().user + ms * 1000; while (process.cpuUsage().user < until) for (let index = 0; index < 1e4; index++) sum += index; return sum; }
for (let round = 0; round < 5; round++) { waits(); works(150); }
`;

const workers = `const { Worker, isMainThread, workerData } = require('node:worker_threads');
function spin(ms) { let sum = 0; const until = performance.now() + ms; while (performance.now() < until) for (let index = 0; index < 1e4; index++) sum += index; return sum; }
if (isMainThread) { new Worker(__filename, { workerData: 1 }); setTimeout(() => undefined, 900); } else spin(800);
`;

/** The order in which code runs, and what a program sees of stack traces. */
const ordered = `const events = [];
let sum = 0;
const busy = (count) => { for (let index = 0; index < count; index++) sum = (sum * 31 + index) >>> 0; };
async function step(index) { events.push('a' + index); busy(2e5); await null; events.push('b' + index); await new Promise((done) => setImmediate(done)); events.push('c' + index); }
function* numbers() { for (let index = 0; index < 20; index++) { busy(1e5); yield index; } }
let limitReads = 0;
Error.prepareStackTrace = (error, frames) => frames.length + ' frames of ' + error.message;
Object.defineProperty(Error, 'stackTraceLimit', { configurable: true, get() { limitReads++; return 7; }, set() { events.push('limit set'); } });
const steps = [];
for (let index = 0; index < 20; index++) {
  process.nextTick(() => { busy(1e5); events.push('t' + index); });
  steps.push(step(index));
  queueMicrotask(() => events.push('m' + index));
}
for (const number of numbers()) events.push('g' + number);
Promise.all(steps).then(() => {
  (function deep(left) { if (left > 0) deep(left - 1); else { busy(2e7); events.push(new Error('x').stack); } })(30);
  console.log(require('node:crypto').createHash('md5').update(events.join()).digest('hex'), events.length, limitReads, typeof Error.prepareStackTrace);
});
`;

const overflowing = `function deep(count) { return deep(count + 1) + 1; }
let overflows = 0;
const until = performance.now() + 700;
while (performance.now() < until) try { deep(0); } catch (error) { overflows += error instanceof RangeError ? 1 : 1e9; }
console.log(overflows > 0 && overflows < 1e9);
`;

function profile(program: string, parameters: readonly string[] = [], node?: string): Promise<ProfiledResult> {
  const cwd = createProgramFolder({ 'main.cjs': program });
  return runProfiled([...parameters, 'main.cjs'], { cwd, config: interrupts, ...(node ? { node } : {}) });
}

/** Returns the self time of each function, as a share of all CPU time, by name. */
function sharesIn({ batches }: ProfiledResult): ReadonlyMap<string, number> {
  const operations = operationsIn(batches);
  const totalNs = operations.reduce((sum, { selfNs }) => sum + selfNs, 0);
  return new Map(operations.map(({ name, selfNs }) => [name, selfNs / totalNs]));
}

describe('sampling by interrupts', function () {
  this.timeout(60_000);

  it('gives the time of an inlined function to the function itself', async () => {
    const result = await profile(inlined);
    assert.deepEqual([result.status, result.stderr, result.errors], [0, '', []]);
    const weigh = sharesIn(result).get('weigh') ?? 0;
    assert.ok(weigh > 0.4, `${weigh}`);
  });

  it('gives no time to a function that only waits', async () => {
    const result = await profile(waiting);
    const shares = sharesIn(result);
    const [waits = 0, works = 0] = [shares.get('waits'), shares.get('works')];
    assert.ok(waits < 0.1 && works > 0.3, `waits ${waits}, works ${works}`);
  });

  it('reports worker threads as threads of their own', async () => {
    const result = await profile(workers);
    const spins = operationsIn(result.batches).filter(({ name, selfNs }) => name === 'spin' && selfNs > 0);
    assert.equal(spins.length, 1);
    assert.notEqual(spins[0]?.source.split('.')[1], '0');
    assert.ok((spins[0]?.selfNs ?? 0) > 200e6, `${spins[0]?.selfNs}`);
  });

  it('adds up to at most the CPU time of the process', async () => {
    const { batches } = await profile(inlined);
    const sampledNs = operationsIn(batches).reduce((sum, { selfNs }) => sum + selfNs, 0);
    const cpuNs = Math.max(...batches.map(({ resources }) => resources?.cpuNs ?? 0));
    assert.ok(sampledNs <= cpuNs * 1.02 && sampledNs > 0.5 * cpuNs, `${sampledNs} of ${cpuNs}`);
  });

  const nodes: readonly (readonly [string, () => string])[] = [
    ...([18, 20, 22] as const).map((major) => [`${major}`, () => nodeVersion(major)] as const),
    ['24', () => process.execPath],
  ];
  for (const [version, find] of nodes) {
    it(`changes neither the order of events nor stack traces in Node ${version}`, async () => {
      const path = find();
      const cwd = createProgramFolder({ 'main.cjs': ordered });
      const plain = runPlain(['main.cjs'], { cwd, node: path });
      const result = await profile(ordered, [], path);
      assert.match(plain.stdout, /^[0-9a-f]{32} \d+ \d+ function/);
      assert.deepEqual([result.stdout, result.stderr, result.status], [plain.stdout, plain.stderr, plain.status]);
      assert.ok(
        operationsIn(result.batches).some(({ name, samples }) => name === 'busy' && samples > 0),
        'it was sampled',
      );
    });
  }

  it('survives programs that overflow their stack all the time', async () => {
    const result = await profile(overflowing);
    assert.deepEqual([result.stdout, result.stderr, result.status], ['true\n', '', 0]);
  });

  it('works with frozen intrinsics and without code from texts', async () => {
    for (const option of ['--frozen-intrinsics', '--disallow-code-generation-from-strings']) {
      const result = await profile(workers.replace('new Worker(__filename, { workerData: 1 })', 'spin(400)'), [option]);
      assert.equal(result.status, 0, option);
      assert.ok(
        operationsIn(result.batches).some(({ name, samples }) => name === 'spin' && samples > 0),
        option,
      );
    }
  });
});
