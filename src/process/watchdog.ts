/**
 * Ends process trees when this process is killed and can no longer do so. A shell waits until the pipe to this process
 * closes, whatever the reason, and then starts the bundle `end-trees.js` for the trees that are still watched. A waiting
 * shell costs no CPU time, and only one is started. Not on Windows.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import type { TreeRoot } from './tree-finder.ts';

export interface WatchedTree extends TreeRoot {
  /** `NAME=value` entry in the environment of every process of the tree. */
  readonly marker: string;
}

/** Remembers the last line. Each line lists the trees that are watched from then on. */
const script = 'set -f; while read -r line; do trees=$line; done; [ -z "$trees" ] || exec "$0" "$1" $trees';

interface Watchdog {
  readonly input: Writable;
  readonly trees: Set<string>;
}

/** The watchdog of this process. It lives as long as this process does, so that its CPU time is not that of a run. */
let watchdog: Watchdog | undefined;

/** Ends the tree if this process is killed before the returned function is called. */
export function watchTree(tree: WatchedTree, dist: string): () => void {
  const module = join(dist, 'end-trees.js');
  if (process.platform === 'win32' || !existsSync(module)) return () => undefined;
  watchdog ??= { input: startShell(module), trees: new Set() };
  const { input, trees } = watchdog;
  const text = formatWatchedTree(tree);
  const update = (): void => void input.write(`${[...trees].join(' ')}\n`);
  trees.add(text);
  update();
  return () => {
    trees.delete(text);
    update();
  };
}

/** Formats a tree as an argument of the bundle: four fields, of which the second and the third may be empty. */
export function formatWatchedTree({ pid, startTicks, mark, marker }: WatchedTree): string {
  return [pid, startTicks ?? '', mark ?? '', marker].join(':');
}

/** Parses an argument of the bundle. Returns undefined if it is invalid. */
export function parseWatchedTree(text: string): WatchedTree | undefined {
  const [, pid, startTicks, mark, marker] = /^(\d+):(\d*):(\d*):(.+)$/.exec(text) ?? [];
  if (pid === undefined || marker === undefined) return undefined;
  return {
    pid: Number(pid),
    marker,
    ...(startTicks ? { startTicks: Number(startTicks) } : {}),
    ...(mark ? { mark } : {}),
  };
}

function startShell(module: string): Writable {
  const shell: ChildProcessByStdio<Writable, null, null> = spawn('sh', ['-c', script, process.execPath, module], {
    cwd: '/',
    // Signals to our process group and the end of our terminal must not reach it.
    detached: true,
    env: { PATH: process.env['PATH'], ...(process.versions['electron'] ? { ELECTRON_RUN_AS_NODE: '1' } : {}) },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  shell.on('error', () => undefined).unref();
  shell.stdin.on('error', () => undefined);
  if (shell.stdin instanceof Socket) shell.stdin.unref();
  return shell.stdin;
}
