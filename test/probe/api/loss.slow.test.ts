/** Holds the zero-code probe to what it may lose: one flush when its program is killed, nothing when its host stands still. */
import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Seen } from '../zero.ts';
import { folderOf, profiled, told } from '../zero.ts';

/** Calls one function as fast as it can, and writes down how often it has by when. */
const counting = `
const { openSync, writeSync } = require('node:fs');
function work(x) { return x + 1; }
const truth = openSync('truth', 'a');
const endMs = performance.now() + Number(process.argv[2]);
let calls = 0;
for (let nextMs = 0; performance.now() < endMs; ) {
  for (let i = 0; i < 2000; i++, calls++) work(i);
  const nowMs = performance.now();
  if (nowMs < nextMs) continue;
  writeSync(truth, (performance.timeOrigin + nowMs) + ' ' + calls + '\\n');
  nextMs = nowMs + 5;
}
writeSync(truth, (performance.timeOrigin + performance.now()) + ' ' + calls + '\\n');
`;

interface Moment {
  readonly wallMs: number;
  readonly calls: number;
}

interface Outcome {
  readonly seen: Seen;
  readonly truth: readonly Moment[];
  readonly count: number;
}

async function counted(
  lastsMs: number,
  during: NonNullable<Parameters<typeof profiled>[1]['during']>,
): Promise<Outcome> {
  const cwd = folderOf({ 'counting.cjs': counting });
  const exact = [{ file: join(cwd, 'counting.cjs'), name: 'work' }];
  const seen = await profiled(['counting.cjs', String(lastsMs)], {
    cwd,
    wishes: { exact, samplingNs: 4e6, budgetRatio: 0.01 },
    during,
  });
  const lines = readFileSync(join(cwd, 'truth'), 'utf8').trim().split('\n');
  const truth = lines.map((line) => {
    const [wallMs = 0, calls = 0] = line.split(' ').map(Number);
    return { wallMs, calls };
  });
  return { seen, truth, count: told(seen.batches).find(({ name }) => name === 'work')?.count ?? 0 };
}

describe('what is lost', function () {
  this.timeout(180_000);

  it('is at most one flush of each of twenty programs that are killed at full speed', async () => {
    for (let round = 0; round < 20; round++) {
      const afterMs = 700 + ((round * 137) % 600);
      const { seen, truth, count } = await counted(60_000, (child) => {
        child.stdout?.resume();
        setTimeout(() => child.kill('SIGKILL'), afterMs);
      });
      assert.equal(seen.signal, 'SIGKILL');
      const last = truth.at(-1) as Moment;
      // It writes the truth each 5 ms, and may have counted on for some such steps before it was killed.
      const perMs = last.calls / (last.wallMs - (truth[0] as Moment).wallMs);
      assert.ok(last.calls > 100_000 && count > 0 && count <= last.calls + 50 * perMs, `${count} of ${last.calls}`);
      const toldAtMs = truth.find(({ calls }) => calls >= count)?.wallMs ?? last.wallMs;
      // A beat is as long as this machine lets it be: what was seen of it in this very run is the measure.
      const gaps = seen.atMs.slice(1).map((at, index) => at - (seen.atMs[index] as number));
      const beatMs = Math.max(250, ...gaps);
      const lostMs = last.wallMs - toldAtMs;
      assert.ok(
        lostMs <= 1.5 * beatMs,
        `round ${round}: ${lostMs} ms lost, beats of ${gaps.map(Math.round).join(' ')}`,
      );
    }
  });

  it('is nothing, and no time either, while the host stands still for three seconds', async () => {
    let stalledAtMs = 0;
    const { seen, truth, count } = await counted(7000, () => {
      setTimeout(() => {
        stalledAtMs = Date.now();
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3000);
      }, 2500);
    });
    assert.equal(seen.status, 0);
    assert.equal(count, truth.at(-1)?.calls);
    const rate = (fromMs: number, toMs: number): number => {
      const inside = truth.filter(({ wallMs }) => wallMs >= fromMs && wallMs < toMs);
      const [first, last] = [inside[0] as Moment, inside.at(-1) as Moment];
      return (last.calls - first.calls) / (last.wallMs - first.wallMs);
    };
    // It looked: in that time nothing came in.
    const startMs = (truth[0] as Moment).wallMs;
    const gaps = seen.atMs.slice(1).map((at, index) => at - (seen.atMs[index] as number));
    assert.ok(Math.max(...gaps) > 2500, gaps.join(' '));
    const [before, during] = [rate(startMs + 1000, stalledAtMs), rate(stalledAtMs + 100, stalledAtMs + 2900)];
    assert.ok(during / before > 0.6, `${during} calls a millisecond, ${before} before`);
  });
});
