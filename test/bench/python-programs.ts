/** Unmodified Python programs for measurements. */
import { execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';

/** Hashes, strings and matrices: tens of thousands of calls of functions that run for microseconds to milliseconds. */
const computing = `
def digest(text):
    value = 2166136261
    for letter in text.encode(): value = (value ^ letter) * 16777619 & 0xffffffff
    return value
def words(n): return ['w%d' % digest('seed%d' % i) for i in range(n)]
def group(names):
    groups = {}
    for name in names: groups.setdefault(name[:3], []).append(name)
    return groups
def product(n):
    a = [[1.5] * n for _ in range(n)]
    return [[sum(x * y for x, y in zip(row, column)) for column in zip(*a)] for row in a]
def main():
    for _ in range(5): print(len(group(sorted(words(12000)))), product(60)[0][0])
main()
`;

/** The worst case for a profiler: hardly any work besides calls. */
const calling = `
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
print(fib(29))
`;

const waiting = `
import asyncio
async def serve(reader, writer):
    while True:
        line = await reader.readline()
        if not line: break
        writer.write(line)
        await writer.drain()
    writer.close()
async def ask(port):
    reader, writer = await asyncio.open_connection('127.0.0.1', port)
    for n in range(400): await turn(reader, writer, n)
    writer.close()
async def turn(reader, writer, n):
    writer.write(b'%d\\n' % n)
    return await reader.readline()
async def main():
    server = await asyncio.start_server(serve, '127.0.0.1', 0)
    port = server.sockets[0].getsockname()[1]
    await asyncio.gather(*(ask(port) for _ in range(8)))
    server.close()
asyncio.run(main())
`;

const large = `
import json, sys
json.dump([{'id': n, 'name': 'name %d' % n, 'tags': ['a', 'b'], 'values': list(range(20))} for n in range(60000)], open('big.json', 'w'))
`;

export interface PythonProgram {
  readonly name: string;
  readonly text?: string;
  readonly prepare?: (folder: string) => void;
  readonly parameters?: readonly string[];
}

/** Includes modules of the standard library, copied into the workspace so that their functions belong to it. */
export const pythonPrograms: readonly PythonProgram[] = [
  { name: 'a Python program that computes', text: computing },
  { name: 'a Python program that only calls', text: calling },
  { name: 'an asyncio echo server and its clients', text: waiting },
  {
    name: 'compileall',
    prepare: copyLibrary('json', 'email', 'asyncio', 'compileall.py', 'py_compile.py'),
    parameters: ['-m', 'compileall', '-q', '-f', '.'],
  },
  {
    name: 'json.tool on 13 MB',
    prepare: (folder) => {
      copyLibrary('json')(folder);
      execFileSync('python3', ['-c', large], { cwd: folder });
    },
    parameters: ['-m', 'json.tool', 'big.json', 'out.json'],
  },
];

/** Returns a function that copies modules of Python's standard library into a folder. */
function copyLibrary(...names: readonly string[]): (folder: string) => void {
  return (folder) => {
    const library = execFileSync('python3', ['-c', 'import os; print(os.path.dirname(os.__file__))'], {
      encoding: 'utf8',
    }).trim();
    for (const name of names) cpSync(join(library, name), join(folder, name), { recursive: true });
  };
}
