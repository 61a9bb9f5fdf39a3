/** Runs Python's own profiler, cProfile, and compares its calls and times with those of the probe. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ReceivedBatches } from './profiled-python.ts';

interface FunctionTimes {
  readonly calls: number;
  /** Including the functions it called. */
  readonly totalNs: number;
}

/** Returns calls and times by file, first line and name. */
export function runCProfile(python: string, args: readonly string[], folder: string): Map<string, FunctionTimes> {
  const stats = join(folder, 'stats');
  execFileSync(python, ['-m', 'cProfile', '-o', stats, ...args], { cwd: folder, stdio: 'ignore' });
  const code = `import json, os, pstats
for (file, line, name), (_, calls, _, total, _) in pstats.Stats(${JSON.stringify(stats)}).stats.items():
    if file.startswith('<frozen'): continue
    file = os.path.join(${JSON.stringify(folder)}, file)
    print(json.dumps([file, line, name, calls, total]))`;
  const output = execFileSync(python, ['-c', code], { encoding: 'utf8', maxBuffer: 1 << 28 });
  const rows = output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as [string, number, string, number, number]);
  return new Map(
    rows.map(([file, line, name, calls, seconds]) => [`${file}:${line}:${name}`, { calls, totalNs: seconds * 1e9 }]),
  );
}

export interface ComparedFunction extends FunctionTimes {
  readonly name: string;
  /** The same function as cProfile has measured it. */
  readonly cProfile: FunctionTimes;
}

/** Pairs the functions of a file with those of cProfile, except coroutines: cProfile counts each resumption as a call. */
export function compareWithCProfile(
  received: ReceivedBatches,
  cProfileTimes: ReadonlyMap<string, FunctionTimes>,
  file: string,
): ComparedFunction[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return [...received.totals.values()].flatMap(
    ({ definition: { file: definitionFile, line = 0, name }, count, totalNs }) => {
      if (definitionFile !== file || line === 0 || /^\s*async def/.test(lines[line - 1] ?? '')) return [];
      // cProfile reports the line of the first decorator.
      let firstLine = line;
      while (firstLine > 1 && /^\s*@/.test(lines[firstLine - 2] ?? '')) firstLine--;
      const cProfile = cProfileTimes.get(`${file}:${firstLine}:${name.split('.').at(-1)}`) ?? { calls: 0, totalNs: 0 };
      return [{ name, calls: count, totalNs, cProfile }];
    },
  );
}
