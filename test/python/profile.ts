/** What Python's own profiler, cProfile, counts and times of a program: what the guest is held against. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Heard } from './guest.ts';

interface Profiled {
  readonly calls: number;
  /** With all that it called. */
  readonly totalNs: number;
}

/** Calls and times by file, first line and name. */
export function profiled(python: string, args: readonly string[], folder: string): Map<string, Profiled> {
  const stats = join(folder, 'stats');
  execFileSync(python, ['-m', 'cProfile', '-o', stats, ...args], { cwd: folder, stdio: 'ignore' });
  const code = `import json, os, pstats
for (file, line, name), (_, calls, _, total, _) in pstats.Stats(${JSON.stringify(stats)}).stats.items():
    if file.startswith('<frozen'): continue
    file = os.path.join(${JSON.stringify(folder)}, file)
    print(json.dumps([file, line, name, calls, total]))`;
  const told = execFileSync(python, ['-c', code], { encoding: 'utf8', maxBuffer: 1 << 28 });
  const rows = told
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as [string, number, string, number, number]);
  return new Map(
    rows.map(([file, line, name, calls, seconds]) => [`${file}:${line}:${name}`, { calls, totalNs: seconds * 1e9 }]),
  );
}

export interface Compared extends Profiled {
  readonly name: string;
  /** What cProfile says. */
  readonly truth: Profiled;
}

/** The functions of a file as the guest and cProfile tell of them; without coroutines, whose resumptions cProfile counts. */
export function compared(heard: Heard, truth: ReadonlyMap<string, Profiled>, file: string): Compared[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return [...heard.totals.values()].flatMap(({ definition: { file: place, line = 0, name }, count, totalNs }) => {
    if (place !== file || line === 0 || /^\s*async def/.test(lines[line - 1] ?? '')) return [];
    // cProfile names the first line of the decorators.
    let first = line;
    while (first > 1 && /^\s*@/.test(lines[first - 2] ?? '')) first--;
    const told = truth.get(`${file}:${first}:${name.split('.').at(-1)}`) ?? { calls: 0, totalNs: 0 };
    return [{ name, calls: count, totalNs, truth: told }];
  });
}
