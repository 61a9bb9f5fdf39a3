/**
 * Profiles programs of Python's standard library: their output must not change, and the counts of their functions must match
 * those of cProfile.
 */
import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { compareWithCProfile, runCProfile } from './cprofile.ts';
import { findInterpreters } from './interpreters.ts';
import { runPlain, runProfiled } from './profiled-python.ts';

const clients = 8;
const turns = 50;

const echoProgram = `import asyncio
def line_of(n): return b'%d\\n' % n
def read(line): return int(line)
async def serve(reader, writer):
    while True:
        line = await reader.readline()
        if not line: break
        writer.write(line_of(read(line)))
        await writer.drain()
    writer.close()
async def turn(reader, writer, n):
    writer.write(line_of(n))
    return read(await reader.readline())
async def ask(port):
    reader, writer = await asyncio.open_connection('127.0.0.1', port)
    total = 0
    for n in range(${turns}): total += await turn(reader, writer, n)
    writer.close()
    return total
async def main():
    server = await asyncio.start_server(serve, '127.0.0.1', 0)
    port = server.sockets[0].getsockname()[1]
    print(await asyncio.gather(*(ask(port) for _ in range(${clients}))))
    server.close()
asyncio.run(main())
`;

/** Minimum time of functions whose times are compared; shorter ones vary too much. */
const minComparedNs = 20e6;

/** Runs `compileall` and prints how long its functions took, by name, in ns. */
const stopwatch = `import compileall, json, sys, time
times = {}
def measure(name):
    function = getattr(compileall, name)
    def call(*args, **options):
        start = time.perf_counter_ns()
        try: return function(*args, **options)
        finally: times[name] = times.get(name, 0) + time.perf_counter_ns() - start
    setattr(compileall, name, call)
measure('compile_file')
measure('compile_dir')
compileall.main()
sys.stderr.write(json.dumps(times))
`;

let folder = '';

function profile(python: string, args: readonly string[]) {
  return runProfiled(python, args, { cwd: folder, env: { PYTHONDONTWRITEBYTECODE: '1' } });
}

/** Runs a program with and without the probe, compares output and files, and returns the received batches. */
async function assertSameOutput(python: string, args: readonly string[]) {
  const withoutDuration = (text: string): string => text.replaceAll(/ in \d+\.\d+s/g, ' in some time');
  const plain = await runPlain(python, args, { cwd: folder, env: { PYTHONDONTWRITEBYTECODE: '1' } });
  const expectedFiles = listFiles();
  const { received, ...profiled } = await profile(python, args);
  assert.deepEqual(
    { ...profiled, stderr: withoutDuration(profiled.stderr) },
    { ...plain, stderr: withoutDuration(plain.stderr) },
  );
  assert.ok(plain.stdout + plain.stderr !== '' && plain.code === 0, plain.stderr);
  assert.deepEqual(listFiles(), expectedFiles);
  assert.deepEqual(received.errors, []);
  assert.equal(received.missingBatches, 0);
  return received;
}

/** Lists all files by name. Their content is not compared, because bytecode differs from run to run. */
function listFiles(): readonly string[] {
  const files = globSync('**/*.*', { cwd: folder, withFileTypes: true }).filter((file) => file.isFile());
  return files.map((file) => join(file.parentPath, file.name)).sort();
}

function assertSameCounts(
  python: string,
  args: readonly string[],
  received: Awaited<ReturnType<typeof assertSameOutput>>,
  file: string,
) {
  const functions = compareWithCProfile(received, runCProfile(python, args, folder), file);
  for (const { name, calls, cProfile } of functions) assert.equal(calls, cProfile.calls, `${name} of ${file}`);
  return functions.length;
}

describe('programs of the Python library', () => {
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'library-')));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  for (const { path, version } of findInterpreters()) {
    describe(`in Python ${version}`, () => {
      const library = dirname(execFileSync(path, ['-c', 'import os; print(os.__file__)'], { encoding: 'utf8' }).trim());
      /** Copies files of the library. Python finds the copies first, so they are the only code that counts as the user's. */
      const copyFromLibrary = (...names: readonly string[]): void => {
        const filter = (source: string): boolean => !source.endsWith('__pycache__');
        for (const name of names)
          cpSync(join(library, name), join(folder, basename(name)), { recursive: true, filter });
      };

      it('compileall behaves the same and has the counts of cProfile and the times of a stopwatch', async () => {
        copyFromLibrary('json', 'email', 'compileall.py', 'py_compile.py');
        const args = ['-m', 'compileall', '-f', '.'];
        const received = await assertSameOutput(path, args);
        assert.ok(listFiles().filter((file) => file.endsWith('.pyc')).length >= 25, 'compiles enough files');
        assert.ok(assertSameCounts(path, args, received, join(folder, 'compileall.py')) >= 3);
        assert.ok(assertSameCounts(path, args, received, join(folder, 'py_compile.py')) >= 1);

        // cProfile slows these functions down by up to a factor of two, so a stopwatch in the same process measures them.
        writeFileSync(join(folder, 'measured.py'), stopwatch);
        const { received: again, stderr } = await profile(path, ['measured.py', ...args.slice(2)]);
        const measured = JSON.parse(stderr) as Record<string, number>;
        for (const [name, expectedNs] of Object.entries(measured)) {
          const { totalNs } = again.totalOf(`compileall.py:${name}`);
          assert.ok(expectedNs >= minComparedNs, `${name} takes long enough to be compared`);
          assert.ok(
            totalNs > 0.9 * expectedNs && totalNs < 1.02 * expectedNs,
            `${name}: ${totalNs} of ${expectedNs} ns`,
          );
        }
      });

      it('json.tool behaves the same and has the counts of cProfile', async () => {
        const rows = Array.from({ length: 2000 }, (_, n) => ({ n, text: `é${n}`, list: [n, null, { deep: [true] }] }));
        copyFromLibrary('json');
        writeFileSync(join(folder, 'big.json'), JSON.stringify(rows));
        const args = ['-m', 'json.tool', '--sort-keys', 'big.json'];
        const received = await assertSameOutput(path, args);
        assert.ok(assertSameCounts(path, args, received, join(folder, 'json/__init__.py')) >= 2);
      });

      it('unittest behaves the same and has the counts of cProfile', async function () {
        if (!existsSync(join(library, 'test/test_textwrap.py'))) {
          console.log(`        skipped: Python ${version} is installed without its tests`);
          this.skip();
        }
        copyFromLibrary('textwrap.py', 'test/test_textwrap.py');
        const args = ['-m', 'unittest', 'test_textwrap'];
        const received = await assertSameOutput(path, args);
        for (const file of ['textwrap.py', 'test_textwrap.py'])
          assert.ok(assertSameCounts(path, args, received, join(folder, file)) > 8, file);
      });

      it('an asyncio echo server behaves the same and has the right counts', async () => {
        writeFileSync(join(folder, 'main.py'), echoProgram);
        const received = await assertSameOutput(path, ['main.py']);
        assert.equal(assertSameCounts(path, ['main.py'], received, join(folder, 'main.py')), 2);
        const counts = ['line_of', 'read', 'turn', 'ask', 'serve', 'main'].map(
          (name) => received.totalOf(`main.py:${name}`).count,
        );
        const [requests, lines] = [clients * turns, 2 * clients * turns];
        assert.deepEqual(counts, [lines, lines, requests, clients, clients, 1]);
      });
    });
  }
});
