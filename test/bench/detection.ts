/** Measures the detection of function calls: cold on one core, again without changes, and after a change of one file. */
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, globSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createTemporaryFolder } from '../fixtures/pipeline.ts';
import { type Figure, goal, medianOf } from './figure.ts';

const root = join(import.meta.dirname, '..', '..');
const pipeline = join(root, 'dist', 'pipelines', 'detection.js');
const runs = 7;

/** Copies a tree of real TypeScript: declarations and sources of installed packages. Returns the number of files. */
function copyTypescriptTree(into: string): number {
  const files = globSync(
    'node_modules/{fast-check,@types,preact,chart.js,@preact,hdr-histogram-js,valibot,lru-cache,@opentelemetry}/**/*.ts',
    {
      cwd: root,
    },
  ).filter((file) => !file.endsWith('.d.cts'));
  for (const file of files) {
    const target = join(into, 'source', file.replace(/^node_modules\//, ''));
    mkdirSync(dirname(target), { recursive: true });
    cpSync(join(root, file), target);
  }
  // Like most workspaces, it is a Git repository.
  execFileSync('git', ['init', '-q'], { cwd: join(into, 'source') });
  execFileSync('git', ['add', '.'], { cwd: join(into, 'source') });
  return files.length;
}

function wallMs(args: readonly string[]): number {
  const startMs = performance.now();
  execFileSync(process.execPath, args, { stdio: 'ignore' });
  return performance.now() - startMs;
}

/** Measures a run pinned to one core if the OS supports it. */
function pinnedWallMs(args: readonly string[]): { readonly ms: number; readonly isPinned: boolean } {
  const startMs = performance.now();
  const { status } = spawnSync('taskset', ['-c', '0', process.execPath, ...args], { stdio: 'ignore' });
  if (status === 0) return { ms: performance.now() - startMs, isPinned: true };
  return { ms: wallMs(args), isPinned: false };
}

export function detection(): Figure[] {
  const temporary = createTemporaryFolder();
  try {
    const count = copyTypescriptTree(temporary.path);
    const workspace = join(temporary.path, 'source');
    const cache = join(temporary.path, 'cache');
    const args = [pipeline, '--workspace', workspace, '--cache', cache];
    const cold = Array.from({ length: runs }, () => pinnedWallMs([...args, '--cold']));
    wallMs(args);
    const warmMs: number[] = [];
    for (let run = 0; run < 2 * runs; run++) warmMs.push(wallMs(args) - wallMs(['-e', '0']));
    const changedFile = join(workspace, '@types/node/events.d.ts');
    const changedMs = Array.from({ length: runs }, () => {
      appendFileSync(changedFile, '// changed\n');
      return wallMs(args) - wallMs(['-e', '0']);
    });
    const filesPerSecond = count / (medianOf(cold.map(({ ms }) => ms)) / 1000);
    const pinning = cold.every(({ isPinned }) => isPinned) ? 'pinned to one core' : 'NOT pinned to one core';
    const medianWarmMs = medianOf(warmMs);
    const bytes = globSync('**/*.ts', { cwd: workspace }).reduce(
      (sum, file) => sum + readFileSync(join(workspace, file)).length,
      0,
    );
    const tree = `${count} TypeScript files, ${(bytes / 1e6).toFixed(1)} MB`;
    return [
      {
        name: 'detection, cold, one core',
        value: filesPerSecond,
        unit: 'files/s',
        ...goal('≥', 250, filesPerSecond),
        how: `${tree}, whole process, ${pinning}, median of ${runs}`,
      },
      {
        name: 'detection, no change, without process start',
        value: medianWarmMs,
        unit: 'ms',
        ...goal('≤', 150, medianWarmMs),
        how: `${tree}, minus an empty process each time, median of ${2 * runs}`,
      },
      {
        name: 'detection, one changed file, without process start',
        value: medianOf(changedMs),
        unit: 'ms',
        how: `${tree}, minus an empty process each time, median of ${runs}`,
      },
    ];
  } finally {
    temporary.done();
  }
}
