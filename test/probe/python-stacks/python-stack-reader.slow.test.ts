import { strict as assert } from 'node:assert';
import { findPython } from '../../../src/probe/python-stacks/find-python.ts';
import { UnreadableMemory } from '../../../src/probe/python-stacks/foreign-memory.ts';
import {
  type PythonFrame,
  PythonStackReader,
  type PythonThread,
} from '../../../src/probe/python-stacks/python-stack-reader.ts';
import { findInterpreters } from '../../python/interpreters.ts';
import { startPython } from './running-python.ts';

/** Python's own report of a frame. */
type ReportedFrame = readonly [name: string, file: string, firstLine: number, line: number];

/**
 * Stops several threads in many kinds of code, and prints the stacks of all as the interpreter sees them. The thread that
 * prints waits in the function that has been called from the same line.
 */
const paused = `
import asyncio, functools, json, sys, threading, time

def name_of(code): return getattr(code, 'co_qualname', code.co_name)
def stack_of(frame):
    frames = []
    while frame:
        frames.append([name_of(frame.f_code), frame.f_code.co_filename, frame.f_code.co_firstlineno, frame.f_lineno])
        frame = frame.f_back
    return frames

ready = []
def wait():
    ready.append(1); time.sleep(1000)

class Größe:
    def methode(self, inner):
        return inner()
    @functools.lru_cache(
        maxsize=None)
    def cached(self): return self.methode(
        lambda:
            wait())
    @staticmethod
    def наступний(): Größe().cached()
    名前 = property(lambda self: wait())

def generator(depth):
    if depth: yield from generator(depth - 1)
    else: yield wait()

def recursive(depth):
    return recursive(depth - 1) if depth else list(generator(3))

def key(value): wait(); return value

async def inner(): wait()
async def outer(): await inner()

def emoji(): exec(compile('def 𝒻ₓ(): wait()\\n\\n\\n𝒻ₓ()', 'gen\\U0001F600.py', 'exec'), globals())
def nested():
    class Local:
        value = [wait() for _ in range(1)]

def decorate(function):
    @functools.wraps(function)
    def wrapper(*args): return function(*args)
    return wrapper
@decorate
@decorate
def decorated(): return max([1, 2], key=key)

work = [Größe.наступний, lambda: recursive(600), lambda: sorted([2, 1], key=key), lambda: asyncio.run(outer()),
        emoji, nested, decorated, lambda: Größe().名前, lambda: [0 for _ in generator(0)]]
threads = [threading.Thread(target=run, daemon=True) for run in work]
for thread in threads: thread.start()
while len(ready) < len(work): time.sleep(0.01)
time.sleep(0.1)
def report():
    stacks = [stack_of(frame) for ident, frame in sys._current_frames().items() if ident != threading.get_ident()]
    frame = sys._getframe()
    print(json.dumps(stacks + [stack_of(frame)])); sys.stdin.read()
report()
`;

/** Runs short functions in known call paths, as fast as it can. */
const busy = `
import sys
def tiny(x): return x + 1
def small(x):
    y = tiny(x)
    return y ^ 5
def other(x): return -x
def pairs(n):
    for i in range(n): yield small(i)
def loop(n):
    for i in range(n):
        small(i)
        other(i)
def consume(n): return sum(pairs(n))
def rank(n): return sorted(range(n), key=other)
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
def main():
    while True:
        loop(500); consume(500); rank(500); fib(14)
print('ready')
main()
`;

/** Calls that \`busy\` makes: callers by function. */
const calls: Readonly<Record<string, readonly string[]>> = {
  tiny: ['small'],
  small: ['loop', 'pairs'],
  other: ['loop', 'rank'],
  pairs: ['consume'],
  loop: ['main'],
  consume: ['main'],
  rank: ['main'],
  fib: ['main', 'fib'],
  main: ['<module>'],
};

const maxRepeats = 8;

describe('stacks of Python from outside', function () {
  this.timeout(240_000);
  const interpreters = findInterpreters();

  before(function () {
    if (process.platform !== 'linux') this.skip();
    assert.ok(interpreters.length > 0, 'there is a Python');
  });

  it('equal those that the interpreter itself reports, in every version', async () => {
    for (const { path, version } of interpreters) {
      const program = await startPython(path, paused);
      try {
        const expected = (JSON.parse(program.firstLine) as ReportedFrame[][]).map(describeReported).sort();
        assert.equal(expected.length, 10);
        await new Promise((resolve) => setTimeout(resolve, 100));
        const reader = openReader(program.pid);
        const stacks = reader.threads().map((thread) => describeRead(readAgain(reader, thread) ?? []));
        reader.close();
        assert.deepEqual(stacks.sort(), expected, version);
      } finally {
        await program.end();
      }
    }
  });

  it('are possible stacks although the program runs, in every version', async () => {
    for (const { path, version } of interpreters) {
      const program = await startPython(path, busy);
      try {
        const reader = openReader(program.pid);
        let [accepted, rejected] = [0, 0];
        const seen = new Set<string>();
        for (let round = 0; round < 3000; round++) {
          const [thread] = reader.threads();
          assert.ok(thread);
          const stack = readAgain(reader, thread);
          if (!stack) {
            rejected++;
            continue;
          }
          const names = stack.map(({ code }) => code.name);
          assertPossible(names, version);
          seen.add(names[0] ?? '');
          accepted++;
          if (round % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 1 + Math.random()));
        }
        reader.close();
        assert.ok(rejected < 0.1 * accepted, `${version}: ${accepted} accepted, ${rejected} rejected`);
        for (const name of ['tiny', 'small', 'other', 'pairs', 'rank', 'fib'])
          assert.ok(seen.has(name), `${version}: ${name}`);
      } finally {
        await program.end();
      }
    }
  });
});

function openReader(pid: number): PythonStackReader {
  const python = findPython(pid);
  assert.ok('memory' in python, JSON.stringify(python));
  return new PythonStackReader(python);
}

/** Reads a stack as often as the sampler does: the more often a changing stack is read, the likelier is a wrong one. */
function readAgain(reader: PythonStackReader, thread: PythonThread): readonly PythonFrame[] | undefined {
  for (let repeats = 0; repeats <= maxRepeats; repeats++) {
    try {
      return reader.stackOf(thread);
    } catch (error) {
      if (!(error instanceof UnreadableMemory)) throw error;
    }
  }
  return undefined;
}

function describeReported(frames: readonly ReportedFrame[]): string {
  return frames.map(([name, file, firstLine, line]) => `${name} ${file}:${firstLine} at ${line}`).join('\n');
}

function describeRead(frames: readonly PythonFrame[]): string {
  return describeReported(frames.map(({ code: { name, file, firstLine }, line }) => [name, file, firstLine, line]));
}

function assertPossible(names: readonly string[], version: string): void {
  for (const [index, name] of names.entries()) {
    const caller = names[index + 1];
    const isPossible = caller === undefined ? name === '<module>' : calls[name]?.includes(caller);
    assert.ok(isPossible, `${version}: ${names.join(' < ')}`);
  }
}
