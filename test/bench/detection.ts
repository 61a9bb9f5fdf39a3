/** How fast calls are detected: from nothing on one core, and again when nothing has changed. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { folder } from '../fixtures/pipeline.ts';
import { type Figure, goal, medianOf } from './figure.ts';

const root = join(import.meta.dirname, '..', '..');
const pipeline = join(root, 'dist', 'pipelines', 'detection.js');
const runs = 7;

/** A tree of real TypeScript that everyone who can run this has: the declarations and sources of installed packages. */
function typescriptTree(into: string): number {
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
  // A workspace as people have them: git knows it.
  execFileSync('git', ['init', '-q'], { cwd: join(into, 'source') });
  execFileSync('git', ['add', '.'], { cwd: join(into, 'source') });
  return files.length;
}

function wallMs(args: readonly string[]): number {
  const startMs = performance.now();
  execFileSync(process.execPath, args, { stdio: 'ignore' });
  return performance.now() - startMs;
}

/** Pinned to one core where the system can; elsewhere the figure says so. */
function coldMs(args: readonly string[]): { readonly ms: number; readonly pinned: boolean } {
  const startMs = performance.now();
  const pinned = spawnSync('taskset', ['-c', '0', process.execPath, ...args], { stdio: 'ignore' });
  if (pinned.status === 0) return { ms: performance.now() - startMs, pinned: true };
  return { ms: wallMs(args), pinned: false };
}

export function detection(): Figure[] {
  const temporary = folder();
  try {
    const count = typescriptTree(temporary.path);
    const workspace = join(temporary.path, 'source');
    const cache = join(temporary.path, 'cache');
    const args = [pipeline, '--workspace', workspace, '--cache', cache];
    const cold = Array.from({ length: runs }, () => coldMs([...args, '--cold']));
    wallMs(args);
    const beyond: number[] = [];
    for (let run = 0; run < 2 * runs; run++) beyond.push(wallMs(args) - wallMs(['-e', '0']));
    const filesPerSecond = count / (medianOf(cold.map(({ ms }) => ms)) / 1000);
    const where = cold.every(({ pinned }) => pinned) ? 'pinned to one core' : 'NOT pinned to one core';
    const again = medianOf(beyond);
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
        how: `${tree}, whole process, ${where}, median of ${runs}`,
      },
      {
        name: 'detection, no change, beyond process start',
        value: again,
        unit: 'ms',
        ...goal('≤', 150, again),
        how: `${tree}, less an empty process each time, median of ${2 * runs}`,
      },
    ];
  } finally {
    temporary.done();
  }
}
