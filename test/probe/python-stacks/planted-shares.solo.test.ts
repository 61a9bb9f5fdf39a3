import { strict as assert } from 'node:assert';
import { setTimeout as sleep } from 'node:timers/promises';
import { PythonOwner } from '../../../src/probe/python-stacks/python-owner.ts';
import { SampledProcess } from '../../../src/probe/python-stacks/sampled-process.ts';
import type { Batch } from '../../../src/protocol/batch/batch.ts';
import { findInterpreters } from '../../python/interpreters.ts';
import { startPython } from './running-python.ts';

/**
 * Runs functions of many kinds one after the other, and prints the processor time of each in the end. Each waits, too, which
 * must not count. What a function calls is inside of it, so that the total of each is compared.
 */
const program = `
import asyncio, json, random, sys, threading, time
def number(x): return x * 3 & 255
def loop():
    for i in range(30000): number(i)
def numbers(n):
    for i in range(n): yield i * i
def generate(): return sum(numbers(60000))
def key(x): return -x
def native(): return sorted(range(30000), key=key), json.dumps(list(range(20000)))
def recurse(n=18): return n if n < 2 else recurse(n - 1) + recurse(n - 2)
async def step():
    for i in range(3000): number(i)
    await asyncio.sleep(0)
async def steps():
    for _ in range(10): await step()
def coroutines(): asyncio.run(steps())
def digits(): return [str(i) for i in range(40000)]
work = [loop, generate, native, recurse, coroutines, digits]
spent = dict.fromkeys(work, 0)
print('ready')
limit = float(sys.argv[1])
def main():
    while time.thread_time() < limit:
        # After the pause, the system lets the thread run before others, also before the one that takes samples.
        random.shuffle(work)
        for run in work:
            start = time.thread_time(); run(); spent[run] += time.thread_time() - start
        time.sleep(0.002)
thread = threading.Thread(target=main)
thread.start(); thread.join()
print(json.dumps({run.__name__: cpu for run, cpu in spent.items()}))
`;

const cpuSeconds = 4;
const maxDifference = 0.03;
/** By chance, a share differs by more: number of standard deviations that none of some forty shares exceeds. */
const maxDeviations = 3.5;
/** Linux updates the time of a running thread so often. Stacks in between share one amount, so they are not independent. */
const updatesPerSecond = 250;

describe('shares of Python functions from outside', function () {
  this.timeout(300_000);

  it('are those of the processor time that the program has measured, up to chance, in every version', async function () {
    if (process.platform !== 'linux') this.skip();
    // Something else that keeps both processors busy lets only some moments be sampled.
    this.retries(1);
    for (const { path, version } of findInterpreters()) {
      const running = await startPython(path, program, [String(cpuSeconds)]);
      try {
        const sampled = SampledProcess.open({ pid: running.pid, owner: new PythonOwner('', '/none'), generation: 0 });
        assert.ok(sampled instanceof SampledProcess, version);
        const totals = new TotalTimes();
        while (running.child.exitCode === null) {
          await sleep(1 + Math.random());
          if (!sampled.sample(2)) break;
        }
        const { samples } = sampled.counts;
        for (const batch of sampled.finish(5)) totals.add(batch);
        const spent = JSON.parse(await running.readLine()) as Record<string, number>;
        const [expected, read] = [spent, totals.of(Object.keys(spent))].map(toShares) as [Shares, Shares];
        for (const [name, share] of Object.entries(expected)) {
          const difference = Math.abs((read[name] ?? 0) - share);
          const independent = Math.min(samples, updatesPerSecond * cpuSeconds);
          const deviation = Math.sqrt((share * (1 - share)) / independent);
          assert.ok(
            difference < Math.max(maxDifference, maxDeviations * deviation),
            `${version}: ${name} ${read[name]?.toFixed(3)}, not ${share.toFixed(3)}`,
          );
        }
      } finally {
        await running.end();
      }
    }
  });
});

type Shares = Readonly<Record<string, number>>;

function toShares(times: Readonly<Record<string, number>>): Shares {
  const sum = Object.values(times).reduce((total, time) => total + time, 0);
  return Object.fromEntries(Object.entries(times).map(([name, time]) => [name, time / sum]));
}

/** Adds up the total times of functions in batches. A recursive call counts once. */
class TotalTimes {
  readonly #names = new Map<string, string>();
  readonly #nodes = new Map<string, readonly [parent: string, function: string]>();
  readonly #totals = new Map<string, number>();

  add({ source, definitions = [], stackNodes = [], stackSamples = [] }: Batch): void {
    for (const { id, name } of definitions) this.#names.set(`${source} ${id}`, name);
    for (const [node, parent, id] of stackNodes)
      this.#nodes.set(`${source} ${node}`, [`${source} ${parent}`, `${source} ${id}`]);
    for (const [node, , cpuNs] of stackSamples) {
      const names = new Set<string>();
      for (let at = this.#nodes.get(`${source} ${node}`); at; at = this.#nodes.get(at[0])) {
        names.add(this.#names.get(at[1]) ?? '');
      }
      for (const name of names) this.#totals.set(name, (this.#totals.get(name) ?? 0) + cpuNs);
    }
  }

  of(names: readonly string[]): Record<string, number> {
    return Object.fromEntries(names.map((name) => [name, this.#totals.get(name) ?? 0]));
  }
}
