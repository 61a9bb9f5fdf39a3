/**
 * Programs that others wrote, of Python's own library: with the guest in them they write, say and end as without, and their
 * functions are called as often, and take as long, as cProfile says.
 */
import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { runAlone, runGuest } from './guest.ts';
import { interpreters } from './interpreters.ts';
import { compared, profiled } from './profile.ts';

const clients = 8;
const turns = 50;

const echo = `import asyncio
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

/** A function is compared by its time from so much on, and then to a tenth. */
const longNs = 20e6;
/** Runs of each kind, of which the shortest time is taken: the one that was disturbed least. */
const rounds = 7;

let folder = '';

function hear(python: string, args: readonly string[]) {
  return runGuest(python, args, { cwd: folder, env: { PYTHONDONTWRITEBYTECODE: '1' } });
}

/** Runs a program both ways, and gives what was heard of the one with the guest. */
async function same(python: string, args: readonly string[]) {
  const tidy = (text: string): string => text.replaceAll(/ in \d+\.\d+s/g, ' in some time');
  const alone = await runAlone(python, args, { cwd: folder, env: { PYTHONDONTWRITEBYTECODE: '1' } });
  const written = contents();
  const { heard, ...guest } = await hear(python, args);
  assert.deepEqual({ ...guest, stderr: tidy(guest.stderr) }, { ...alone, stderr: tidy(alone.stderr) });
  assert.ok(alone.stdout + alone.stderr !== '' && alone.code === 0, alone.stderr);
  assert.deepEqual(contents(), written);
  assert.deepEqual(heard.faults, []);
  assert.equal(heard.gaps, 0);
  return heard;
}

/** The files that the program was given and wrote. Bytecode itself differs from run to run by who else refers to a text. */
function contents(): readonly string[] {
  const files = globSync('**/*.*', { cwd: folder, withFileTypes: true }).filter((file) => file.isFile());
  return files.map((file) => join(file.parentPath, file.name)).sort();
}

function countsOf(python: string, args: readonly string[], heard: Awaited<ReturnType<typeof same>>, file: string) {
  const functions = compared(heard, profiled(python, args, folder), file);
  for (const { name, calls, truth } of functions) assert.equal(calls, truth.calls, `${name} of ${file}`);
  return functions.length;
}

describe('programs of the Python library with the guest in them', () => {
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'library-')));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  for (const { path, version } of interpreters()) {
    describe(`by Python ${version}`, () => {
      const library = dirname(execFileSync(path, ['-c', 'import os; print(os.__file__)'], { encoding: 'utf8' }).trim());
      /** Copies of the library's own files, which are found before it: so they, and they alone, are the user's. */
      const take = (...names: readonly string[]): void => {
        const filter = (place: string): boolean => !place.endsWith('__pycache__');
        for (const name of names)
          cpSync(join(library, name), join(folder, basename(name)), { recursive: true, filter });
      };

      it('compileall on a tree', async () => {
        take('json', 'email', 'compileall.py', 'py_compile.py');
        const args = ['-m', 'compileall', '-f', '.'];
        const heard = await same(path, args);
        assert.ok(contents().filter((file) => file.endsWith('.pyc')).length >= 25, 'too few were compiled');
        assert.ok(countsOf(path, args, heard, join(folder, 'compileall.py')) >= 3);
        assert.ok(countsOf(path, args, heard, join(folder, 'py_compile.py')) >= 1);

        const shortest = new Map<string, { own: number; theirs: number }>();
        for (let round = 0; round < rounds; round++) {
          const { heard: again } = await hear(path, args);
          for (const { name, totalNs, truth } of compared(
            again,
            profiled(path, args, folder),
            join(folder, 'compileall.py'),
          )) {
            const { own, theirs } = shortest.get(name) ?? {
              own: Number.POSITIVE_INFINITY,
              theirs: Number.POSITIVE_INFINITY,
            };
            shortest.set(name, { own: Math.min(own, totalNs), theirs: Math.min(theirs, truth.totalNs) });
          }
        }
        const long = [...shortest].filter(([, { own, theirs }]) => Math.min(own, theirs) >= longNs);
        assert.ok(long.length >= 2, `${long.length} functions took long enough to be compared`);
        // What cProfile spends on thousands of inner calls stands in its times of the outer ones: it may well tell more.
        for (const [name, { own, theirs }] of long)
          assert.ok(
            own <= theirs * 1.1 && own >= theirs * 0.8,
            `${name}: ${own / 1e6} ms, by cProfile ${theirs / 1e6} ms`,
          );
      });

      it('json.tool on a big file', async () => {
        const rows = Array.from({ length: 2000 }, (_, n) => ({ n, text: `é${n}`, list: [n, null, { deep: [true] }] }));
        take('json');
        writeFileSync(join(folder, 'big.json'), JSON.stringify(rows));
        const args = ['-m', 'json.tool', '--sort-keys', 'big.json'];
        const heard = await same(path, args);
        assert.ok(countsOf(path, args, heard, join(folder, 'json/__init__.py')) >= 2);
      });

      it('a suite of unittest', async function () {
        if (!existsSync(join(library, 'test/test_textwrap.py'))) {
          console.log(`        this Python ${version} came without its own tests`);
          this.skip();
        }
        take('textwrap.py', 'test/test_textwrap.py');
        const args = ['-m', 'unittest', 'test_textwrap'];
        const heard = await same(path, args);
        for (const file of ['textwrap.py', 'test_textwrap.py'])
          assert.ok(countsOf(path, args, heard, join(folder, file)) > 8, file);
      });

      it('an asyncio server that echoes, with clients', async () => {
        writeFileSync(join(folder, 'main.py'), echo);
        const heard = await same(path, ['main.py']);
        assert.equal(countsOf(path, ['main.py'], heard, join(folder, 'main.py')), 2);
        const counts = ['line_of', 'read', 'turn', 'ask', 'serve', 'main'].map(
          (name) => heard.of(`main.py:${name}`).count,
        );
        const [calls, all] = [clients * turns, 2 * clients * turns];
        assert.deepEqual(counts, [all, all, calls, clients, clients, 1]);
      });
    });
  }
});
