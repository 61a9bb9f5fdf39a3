/** Checks the counts and times of Python functions against known ones. */
import { strict as assert } from 'node:assert';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { Recorder } from '../../src/core/record/recorder.ts';
import { lowestOf } from '../../src/protocol/batch/buckets.ts';
import { findInterpreters } from './interpreters.ts';
import { type ProfiledOptions, runProfiled } from './profiled-python.ts';

const countedProgram = `import asyncio, functools, multiprocessing, os, sys, threading, time
def nap(): time.sleep(0.02)
def spin():
    end = time.process_time() + 0.03
    while time.process_time() < end: pass
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
def even(n): return n == 0 or odd(n - 1)
def odd(n): return n != 0 and even(n - 1)
def timed(function):
    @functools.wraps(function)
    def wrapper(*arguments): return function(*arguments)
    return wrapper
@timed
def decorated(): return 1
class Base:
    def __init__(self): self.size = 0
    @property
    def half(self): return self.size / 2
    @staticmethod
    def still(): pass
    @classmethod
    def made(cls): return cls()
class Derived(Base):
    def __init__(self):
        super().__init__()
        self.size = 4
def closure(n):
    def inner(): return n
    return inner
@functools.lru_cache(maxsize=None)
def cached(n): return n
def fails(kind): raise kind('expected')
async def later(n):
    await asyncio.sleep(0.02)
    return n
async def together(): return await asyncio.gather(*(later(n) for n in range(10)))
def numbers():
    yield 1
def many():
    for _ in range(500): step()
def step(): pass
def introspect(): return len(locals())
def main():
    start = time.perf_counter_ns()
    for _ in range(5): nap()
    report('nap', start)
    start = time.perf_counter_ns()
    for _ in range(3): spin()
    report('spin', start)
    fib(16)
    even(21); decorated(); decorated(); introspect()
    for _ in range(6): Derived.made().half; Base.still()
    sum(inner() for inner in [closure(n) for n in range(7)])
    for n in range(20): cached(n % 4)
    for kind in (ValueError, KeyError, KeyError, StopIteration):
        try: fails(kind)
        except Exception: pass
    start = time.perf_counter_ns()
    asyncio.run(together())
    report('later', start)
    list(numbers())
    threads = [threading.Thread(target=many) for _ in range(4)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
def report(name, start): print(name, time.perf_counter_ns() - start)
if __name__ == '__main__': main()
`;

/** Number of calls of each function, worked out by hand. */
const expectedCalls: Readonly<Record<string, number>> = {
  nap: 5,
  spin: 3,
  fib: 3193,
  even: 11,
  odd: 11,
  'timed.wrapper': 2,
  decorated: 2,
  'Base.__init__': 6,
  'Derived.__init__': 6,
  'Base.half': 6,
  'Base.still': 6,
  'Base.made': 6,
  closure: 7,
  'closure.inner': 7,
  cached: 4,
  fails: 4,
  later: 10,
  timed: 1,
  together: 1,
  many: 4,
  step: 2000,
  introspect: 1,
  main: 1,
  report: 3,
};

let folder = '';

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

function profile(python: string, args: readonly string[], options: Partial<ProfiledOptions> = {}) {
  return runProfiled(python, args, { cwd: folder, env: { PYTHONDONTWRITEBYTECODE: '1' }, ...options });
}

describe('profile of a Python program', () => {
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'truth-')));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  for (const { path, version } of findInterpreters()) {
    describe(`in Python ${version}`, () => {
      it('has the right count of every function and the right times', async () => {
        write({ 'main.py': countedProgram });
        const { received, stdout, code, stderr } = await profile(path, ['main.py']);
        assert.equal(code, 0, stderr);
        assert.deepEqual(received.errors, []);
        assert.equal(received.missingBatches, 0);
        const counted = [...received.totals.values()].map(({ definition, count }) => [definition.name, count]);
        assert.deepEqual(Object.fromEntries(counted.sort()), Object.fromEntries(Object.entries(expectedCalls).sort()));
        const expectedNs = new Map(
          stdout
            .trim()
            .split('\n')
            .map((line) => [line.split(' ')[0], Number(line.split(' ')[1])]),
        );
        // The program has measured more than the calls, and they have taken at least what they were asked to.
        for (const [name, leastNs] of [
          ['nap', 5 * 20e6],
          ['spin', 0.8 * 3 * 30e6],
        ] as const) {
          const { totalNs } = received.totalOf(`main.py:${name}`);
          const mostNs = expectedNs.get(name) ?? 0;
          assert.ok(totalNs > 0.99 * leastNs && totalNs <= mostNs, `${name}: ${totalNs} of ${leastNs} to ${mostNs}`);
        }
        const later = received.totalOf('main.py:later');
        assert.ok(later.durationsNs >= 10 * 20e6 * 0.99, `includes the waits of coroutines: ${later.durationsNs}`);
        assert.ok(later.totalNs >= 20e6 * 0.99, `${later.totalNs}`);
        assert.ok(
          later.totalNs <= (expectedNs.get('later') ?? 0),
          `counts time once in which calls overlap: ${later.totalNs}`,
        );
        assert.ok(later.selfNs < 10e6, `does not wait for own time: ${later.selfNs}`);
        assert.deepEqual(received.totalOf('main.py:fails').errorTypes, { ValueError: 1, KeyError: 2 });
        assert.equal(received.totalOf('main.py:fails').errors, 3);
        const { hits, misses, definition } = received.totalOf('main.py:cached');
        assert.deepEqual([hits, misses], [16, 4]);
        assert.equal(countedProgram.split('\n')[(definition.line ?? 0) - 1], 'def cached(n): return n');
        for (const { timed, count, buckets } of received.totals.values()) {
          assert.equal(timed, count);
          assert.equal(
            [...buckets.values()].reduce((sum, n) => sum + n, 0),
            count,
          );
        }
        const shortest = Math.min(...received.totalOf('main.py:nap').buckets.keys());
        assert.ok(lowestOf(shortest + 1) >= 20e6, `a nap of ${lowestOf(shortest)}`);
      });

      it('counts every call once if the process executes another program', async () => {
        const text = `import os, sys
def early(): pass
def step(): pass
if len(sys.argv) < 4:
    early()
    for n in range(1000): step()
    os.execv(sys.executable, [sys.executable, *sys.argv, 'more'])
step()
`;
        write({ 'main.py': text });
        const { received, code, stderr } = await profile(path, ['main.py', 'one']);
        assert.equal(code, 0, stderr);
        const recorder = new Recorder({ components: [], wallStartMs: 0, displayPathOf: basename });
        for (const batch of received.batches) recorder.ingest(batch, 1);
        const counts = [...recorder.operations.values()].map(({ definition, count }) => [definition.name, count]);
        assert.deepEqual(Object.fromEntries(counts), { early: 2, step: 2001 });
        assert.deepEqual(recorder.dropped, { spans: 0, items: 0, batches: 0, calls: 0, values: 0 });
        assert.deepEqual(
          recorder.sources.processes().map(({ ended, calls }) => [ended, calls]),
          [
            [true, 1001],
            [true, 1001],
            [true, 1],
          ],
        );
      });

      it('includes child processes started with fork and spawn', async () => {
        const text = `import multiprocessing, os, sys
def work(n): return n * n
if __name__ == '__main__':
    for method in ('fork', 'spawn'):
        context = multiprocessing.get_context(method)
        for n in range(3):
            process = context.Process(target=work, args=(n,)); process.start(); process.join()
    number = os.fork()
    if number == 0:
        work(1); work(2)
        os._exit(0)
    os.waitpid(number, 0)
    work(9)
`;
        write({ 'main.py': text });
        const { received, code, stderr } = await profile(path, ['main.py']);
        assert.equal(code, 0, stderr);
        assert.deepEqual(received.errors, []);
        assert.equal(received.totalOf('main.py:work').count, 3 + 3 + 2 + 1);
        assert.ok(received.sources.length >= 8, received.sources.join(' '));
        assert.equal(received.missingBatches, 0);
      });
    });
  }
});
