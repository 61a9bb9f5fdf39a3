/** What a validation was made on: the commit, and the version of each tool that a check ran. */
import { realpathSync, statSync } from 'node:fs';
import { basename, delimiter, isAbsolute, join } from 'node:path';
import type { Validation } from '../../../protocol/validation.ts';
import type { Memory } from '../check/check.ts';
import type { Repository } from '../repository/repository.ts';
import { type Call, Programs } from './programs.ts';

export async function commitOf({ git, root }: Repository, signal: AbortSignal): Promise<Validation['git']> {
  if (!git || signal.aborted) return undefined;
  const ran = await new Programs(root, signal).run('git', ['rev-parse', 'HEAD', '--abbrev-ref', 'HEAD']);
  const [commit, branch] = ran?.code === 0 ? ran.stdout.trim().split('\n') : [];
  if (!commit) return undefined;
  return { commit, ...(branch && branch !== 'HEAD' ? { branch } : {}) };
}

/** How a tool is asked for its version. Only tools that are known are: of any other nobody knows what it would do. */
const questions: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    (
      'git node npm pnpm yarn bun deno tsc eslint oxlint biome prettier dprint vitest jest mocha ruff mypy pyright pytest uv ' +
      'poetry pdm pip python python3 cargo rustc rustfmt buf prisma sqlc ggen'
    )
      .split(' ')
      .map((name) => [name, ['--version']]),
  ),
  go: ['version'],
};

/** Time for each, as the answer is worth little. */
const longestMs = 2000;

/** By name. An answer is remembered for as long as the program's file stays as it is. */
export async function versionsOf(
  { root }: Repository,
  calls: ReadonlyMap<string, readonly Call[]>,
  memory: Memory,
  signal: AbortSignal,
): Promise<Validation['tools']> {
  const commands = new Set([...calls.values()].flat().flatMap(({ command, ran }) => (ran ? command : [])));
  const known = [...commands].filter((command) => nameOf(command) in questions);
  const answers = await Promise.all(known.map((command) => versionOf(command, root, memory, signal)));
  const rows = known.flatMap((command, index) => (answers[index] ? [[nameOf(command), answers[index]] as const] : []));
  return Object.fromEntries(rows.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const nameOf = (command: string): string => basename(command).replace(/\.(?:exe|cmd)$/i, '');

async function versionOf(
  command: string,
  root: string,
  memory: Memory,
  signal: AbortSignal,
): Promise<string | undefined> {
  const file = fileOf(command);
  const key = file && `version:${file}`;
  const kept = key && memory.get<unknown>(key);
  if (typeof kept === 'string') return kept;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(longestMs)]);
  const programs = new Programs(root, limit);
  const ran = await programs.run(command, questions[nameOf(command)] ?? []).catch(() => undefined);
  const version = ran?.code === 0 ? ran.stdout.split('\n')[0]?.trim().slice(0, 120) : undefined;
  if (key && version) memory.set(key, version);
  return version;
}

/** The program's file with its size and time, so that another one is another key. */
function fileOf(command: string): string | undefined {
  const folders = isAbsolute(command) ? [''] : (process.env['PATH'] ?? '').split(delimiter);
  for (const folder of folders) {
    const path = join(folder, command);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isFile()) return `${realpathSync(path)}:${stat.size}:${stat.mtimeMs}`;
  }
  return undefined;
}
