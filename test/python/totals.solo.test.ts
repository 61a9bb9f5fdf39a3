/** Checks counts, totals and own times of Python functions that are called too often to time every call. */
import { strict as assert } from 'node:assert';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lowestOf } from '../../src/protocol/batch/buckets.ts';
import { runCProfile } from './cprofile.ts';
import { findInterpreters } from './interpreters.ts';
import {
  type OperationTotal,
  type ProfiledOptions,
  type ReceivedBatches,
  runPlain,
  runProfiled,
} from './profiled-python.ts';
import { randomCallTree } from './random-call-tree.ts';

/** The default of a run. */
const budgetRatio = 0.01;
let folder = '';

const evaluator = `
class Reader:
    def __init__(self, words): self.words, self.at = words, 0
    def current(self): return self.words[self.at] if self.at < len(self.words) else None
    def next(self):
        self.at += 1
        return self.words[self.at - 1]
def factor(reader):
    word = reader.next()
    if word != '(': return word
    value = total(reader)
    reader.next()
    return value
def term(reader):
    value = factor(reader)
    while reader.current() == '*':
        reader.next()
        value = value * factor(reader) % 1000003
    return value
def total(reader):
    value = term(reader)
    while reader.current() == '+':
        reader.next()
        value += term(reader)
    return value
def words(number): return [3, '*', '(', number, '+', 2, '*', '(', 1, '+', number, ')', ')', '+', 4]
def main(): print(sum(total(Reader(words(number))) for number in range(25000)))
main()
`;

const known = `import asyncio, threading, time
def spin(seconds):
    end = time.thread_time() + seconds
    while time.thread_time() < end: pass
def long(): spin_long()
def spin_long():
    end = time.thread_time() + 0.12
    while time.thread_time() < end: pass
def short():
    end = time.thread_time() + 0.06
    while time.thread_time() < end: pass
    nap()
def nap(): time.sleep(0.3)
def wait_for(lock):
    with lock: pass
def hold(lock):
    with lock: nap()
async def fetch():
    await asyncio.sleep(0.3)
    spin(0.02)
async def gather(): await asyncio.gather(*(fetch() for _ in range(4)))
def main():
    long(); short()
    lock = threading.Lock()
    threads = [threading.Thread(target=work, args=(lock,)) for work in (hold, wait_for)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    asyncio.run(gather())
main()
`;

/** A tree of calls in which the work of each function is known: all loops do the same. */
const planted = `
def pick(value):
    for _ in range(40): value = value * 3 % 1000003
    return value
def scan(value):
    for _ in range(200): value = value * 3 % 1000003
    return pick(value) + pick(value + 1)
def visit(depth, value):
    for _ in range(120): value = value * 3 % 1000003
    if depth:
        visit(depth - 1, value)
        value = visit(depth - 1, value)
    return scan(value)
def page(value): return visit(11, value)
def main(): print(sum(page(number) for number in range(24)))
main()
`;
const plantedShares = { visit: 0.3, scan: 0.5, pick: 0.2, page: 0, main: 0 };

function profile(python: string, text: string, options: Partial<ProfiledOptions> = {}) {
  writeFileSync(join(folder, 'main.py'), text);
  return runProfiled(python, ['main.py'], { cwd: folder, budgetRatio, ...options });
}

function totalsOf(received: ReceivedBatches): Map<string, OperationTotal> {
  return new Map([...received.totals.values()].map((total) => [total.definition.name, total]));
}

function byOwnTime(received: ReceivedBatches): readonly string[] {
  const sorted = [...received.totals.values()].sort((one, other) => other.selfNs - one.selfNs);
  return sorted.map(({ definition }) => definition.name);
}

/** Returns the own times of all functions together. */
function ownNsOf(received: ReceivedBatches): number {
  return [...received.totals.values()].reduce((sum, { selfNs }) => sum + selfNs, 0);
}

/** Returns the share of a function in the own times of all. */
function ownShare(received: ReceivedBatches, name: string): number {
  return (totalsOf(received).get(name)?.selfNs ?? 0) / ownNsOf(received);
}

/** Returns the duration below which a share of the calls lies. */
function percentile({ buckets }: OperationTotal, share: number): number {
  const sorted = [...buckets].sort(([one], [other]) => one - other);
  let rest = share * sorted.reduce((sum, [, calls]) => sum + calls, 0);
  for (const [bucket, calls] of sorted) {
    rest -= calls;
    if (rest <= 0) return lowestOf(bucket);
  }
  return 0;
}

/** Fails unless the numbers of all functions agree with each other and with the process. */
function assertConsistent(received: ReceivedBatches, threads: number): void {
  assert.deepEqual(received.errors, []);
  const last = received.batches.at(-1);
  const [cpuNs, wallNs] = [last?.resources?.cpuNs ?? 0, last?.atNs ?? 0];
  let ownNs = 0;
  for (const total of received.totals.values()) {
    const { name } = total.definition;
    const { count, timed, durationsNs, totalNs, selfNs, minNs, maxNs, buckets, isPartial } = total;
    ownNs += selfNs;
    assert.equal(isPartial, false, name);
    assert.ok(timed >= 1 && timed <= count, `${name}: ${timed} of ${count}`);
    const represented = [...buckets.values()].reduce((sum, calls) => sum + calls, 0);
    assert.ok(Math.abs(represented - count) <= 1, `${name}: ${represented} calls in buckets, ${count} counted`);
    assert.ok(selfNs <= durationsNs * 1.001 + 1e3, `${name}: ${selfNs} of ${durationsNs}`);
    assert.ok(totalNs <= durationsNs + 1e3 && totalNs <= wallNs * threads, `${name}: ${totalNs} in ${wallNs}`);
    const [middle, high] = [percentile(total, 0.5), percentile(total, 0.99)];
    // The lowest value of a bucket may be 1 % less than a duration in it.
    assert.ok(
      minNs <= middle * 1.01 + 1 && middle <= high && high <= maxNs,
      `${name}: ${minNs} ${middle} ${high} ${maxNs}`,
    );
  }
  assert.ok(ownNs <= cpuNs * 1.02, `own times of ${ownNs} in ${cpuNs} of processor time`);
}

describe('numbers of Python functions', () => {
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'totals-')));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  for (const { path, version } of findInterpreters()) {
    describe(`in Python ${version}`, () => {
      it('count every call of an expression evaluator and attribute hardly any own time to the function that only calls', async () => {
        const { received, code, stderr } = await profile(path, evaluator);
        assert.equal(code, 0, stderr);
        assertConsistent(received, 1);
        const expected = runCProfile(path, ['main.py'], folder);
        for (const { definition, count } of received.totals.values()) {
          const key = `${join(folder, 'main.py')}:${definition.line}:${definition.name.split('.').at(-1)}`;
          assert.equal(count, expected.get(key)?.calls, definition.name);
        }
        const totals = totalsOf(received);
        assert.ok((totals.get('factor')?.timed ?? 0) < (totals.get('factor')?.count ?? 0) / 2, 'times only some calls');
        // The loop of `main` takes 6 %. Its own time is a small difference of large times, so that it shows any error in them.
        assert.ok(ownShare(received, 'main') < 0.25, `${ownShare(received, 'main')} of the own time is that of main`);
      });

      for (const [length, pages, tolerance] of [
        ['long', 24, 0.1],
        ['short', 3, 0.2],
      ] as const)
        it(`attribute the work of a ${length} tree of calls to the functions that do it`, async () => {
          const { received, code, stderr } = await profile(path, planted.replace('range(24)', `range(${pages})`));
          assert.equal(code, 0, stderr);
          assertConsistent(received, 1);
          // Timed calls decide, of which there are hundreds for each function on any machine; samples only correct them.
          for (const [name, share] of Object.entries(plantedShares)) {
            const measured = ownShare(received, name);
            assert.ok(Math.abs(measured - share) < tolerance, `${name}: ${measured.toFixed(3)} instead of ${share}`);
          }
          const cpuNs = received.batches.at(-1)?.resources?.cpuNs ?? 0;
          if (length === 'long') assert.ok(ownNsOf(received) > 0.6 * cpuNs, `${ownNsOf(received)} of ${cpuNs} ns`);
        });

      it('count own time as processor time of the function itself, without waiting', async () => {
        const { received, code, stderr } = await profile(path, known);
        assert.equal(code, 0, stderr);
        assertConsistent(received, 4);
        const ownMs = (name: string): number => (totalsOf(received).get(name)?.selfNs ?? 0) / 1e6;
        assert.deepEqual(byOwnTime(received).slice(0, 3), ['spin_long', 'spin', 'short']);
        for (const [name, expectedMs] of [
          ['spin_long', 120],
          ['spin', 80],
          ['short', 60],
        ] as const)
          assert.ok(
            Math.abs(ownMs(name) - expectedMs) < 0.1 * expectedMs,
            `${name}: ${ownMs(name)} of ${expectedMs} ms`,
          );
        for (const name of ['long', 'nap', 'wait_for', 'hold', 'fetch', 'gather'])
          assert.ok(ownMs(name) < 8, `${name}: ${ownMs(name)} ms`);
        const [nap, fetch] = [totalsOf(received).get('nap'), totalsOf(received).get('fetch')];
        assert.ok((nap?.totalNs ?? 0) >= 2 * 299e6, 'the total includes waiting');
        assert.ok(
          (fetch?.durationsNs ?? 0) >= 4 * 299e6 && (fetch?.totalNs ?? 0) < 0.7 * (fetch?.durationsNs ?? 0),
          'calls overlap',
        );
      });

      it('agree with each other for random trees of calls on several threads', async () => {
        for (const seed of [1, 2, 3]) {
          const { text, counts, threads } = randomCallTree(seed);
          const { received, code, stderr } = await profile(path, text);
          assert.equal(code, 0, stderr);
          assertConsistent(received, threads + 1);
          const counted = [...totalsOf(received)].map(([name, { count }]) => [name, count]);
          assert.deepEqual(Object.fromEntries(counted), counts, `seed ${seed}`);
        }
      });

      it('leave the cost of measuring out of the total of a recursive function', async () => {
        const text = `import time
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
def main(): fib(24)
start = time.thread_time_ns()
main()
print(time.thread_time_ns() - start)
`;
        // So short a program may contain a timed call that the system interrupts, so the median of some runs decides.
        const shares: number[] = [];
        for (let run = 0; run < 5; run++) {
          const { received, stdout } = await profile(path, text);
          const fib = received.totalOf('main.py:fib');
          assert.equal(fib.count, 150049);
          assert.ok(fib.totalNs <= received.totalOf('main.py:main').totalNs * 1.02);
          assert.ok(fib.durationsNs > fib.totalNs, 'calls inside of others are no part of the total');
          // The time of the same run, because others may be slower or faster.
          shares.push(fib.selfNs / Number(stdout));
        }
        // Counting takes a quarter of this time or more.
        const share = shares.sort((a, b) => a - b)[2] ?? 0;
        assert.ok(share > 0.1 && share < 0.9, shares.join(' '));
      });
    });
  }

  const python = findInterpreters()[0]?.path ?? 'python3';

  it('do not multiply one slow call', async () => {
    const { received, stdout } = await profile(
      python,
      `import time
slept = 0
def step(n):
    global slept
    if n % 100000 == 50001:
        start = time.perf_counter_ns()
        time.sleep(0.05)
        slept += time.perf_counter_ns() - start
def main():
    for n in range(300000): step(n)
main()
print(slept)
`,
    );
    assertConsistent(received, 1);
    const { durationsNs, count } = received.totalOf('main.py:step');
    assert.equal(count, 300000);
    // One multiplied call takes longer than all of this.
    const cpuNs = received.batches.at(-1)?.resources?.cpuNs ?? 0;
    assert.ok(durationsNs < Number(stdout) + cpuNs, `${durationsNs} ns`);
  });

  it('are those of every call for functions that are timed exactly, and leave the others counted', async () => {
    const text = `def leaf(text): return float(text)
def other(text): return len(text)
def main():
    for _ in range(400000): leaf('1.5'); other('1.5')
main()
`;
    const exact = [{ file: join(folder, 'main.py'), line: 1 }];
    const { received } = await profile(python, text, { exact });
    assertConsistent(received, 1);
    const [leaf, other] = [received.totalOf('main.py:leaf'), received.totalOf('main.py:other')];
    assert.deepEqual([leaf.count, leaf.timed, other.count], [400000, 400000, 400000]);
    assert.ok(other.timed > 200 && other.timed < 100000, `${other.timed}`);
  });

  it('include all that the probe costs', async () => {
    const text = `import time
def step(n): return n
def main():
    for n in range(1500000): step(n)
main()
print(time.process_time_ns())
`;
    const costs: number[] = [];
    const profiledNs: number[] = [];
    const plainNs: number[] = [];
    for (let round = 0; round < 5; round++) {
      const { received, stdout } = await profile(python, text);
      const plain = await runPlain(python, ['main.py'], { cwd: folder });
      const { cost, hello } = { ...received.batches.at(-1), hello: received.batches[0]?.hello };
      const { recordNs = 0, countNs = 0 } = hello ?? {};
      const { events = 0, counted = 0, flushNs = 0 } = cost ?? {};
      costs.push(events * recordNs + counted * countNs + flushNs);
      profiledNs.push(Number(stdout));
      plainNs.push(Number(plain.stdout));
    }
    // The fastest of several runs, because others may be slower for other reasons.
    const [cost, difference] = [Math.min(...costs), Math.min(...profiledNs) - Math.min(...plainNs)];
    assert.ok(cost > 0.4 * difference && cost < 3 * difference, `${costs} reported, ${difference} measured`);
  });
});
