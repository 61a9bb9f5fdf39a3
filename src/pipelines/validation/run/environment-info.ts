/** Environment of a validation: the commit, and the version of each tool that a check ran. */
import { realpathSync, statSync } from 'node:fs';
import { basename, delimiter, isAbsolute, join } from 'node:path';
import type { Validation } from '../../../protocol/validation/validation.ts';
import type { CheckCache, ProgramCall } from '../check/check.ts';
import type { Repository } from '../repository/repository.ts';
import { Programs } from './programs.ts';

/** Returns undefined without Git or before the first commit. */
export async function readCommit({ git, root }: Repository, signal: AbortSignal): Promise<Validation['git']> {
  if (!git || signal.aborted) return undefined;
  const result = await new Programs(root, signal).run('git', ['rev-parse', 'HEAD', '--abbrev-ref', 'HEAD']);
  const [commit, branch] = result?.code === 0 ? result.stdout.trim().split('\n') : [];
  if (!commit) return undefined;
  return { commit, ...(branch && branch !== 'HEAD' ? { branch } : {}) };
}

/** Arguments that make a tool print its version. Unknown tools are not run, since their arguments could do anything. */
const versionArguments: Readonly<Record<string, readonly string[]>> = {
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

/** Maximum time for one version request; a missing version does no harm. */
const maxRequestMs = 2000;

/** Returns versions by tool name. A version is cached until the size or time of the program file changes. */
export async function readToolVersions(
  { root }: Repository,
  calls: ReadonlyMap<string, readonly ProgramCall[]>,
  cache: CheckCache,
  signal: AbortSignal,
): Promise<Validation['tools']> {
  const commands = new Set([...calls.values()].flat().flatMap(({ command, result }) => (result ? command : [])));
  const tools = [...commands].filter((command) => nameOf(command) in versionArguments);
  const versions = await Promise.all(tools.map((command) => readVersion(command, root, cache, signal)));
  const rows = tools.flatMap((command, index) =>
    versions[index] ? [[nameOf(command), versions[index]] as const] : [],
  );
  return Object.fromEntries(rows.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const nameOf = (command: string): string => basename(command).replace(/\.(?:exe|cmd)$/i, '');

async function readVersion(
  command: string,
  root: string,
  cache: CheckCache,
  signal: AbortSignal,
): Promise<string | undefined> {
  const identity = fileIdentity(command);
  const key = identity && `version:${identity}`;
  const cached = key && cache.get<unknown>(key);
  if (typeof cached === 'string') return cached;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(maxRequestMs)]);
  const programs = new Programs(root, limit);
  const result = await programs.run(command, versionArguments[nameOf(command)] ?? []).catch(() => undefined);
  const version = result?.code === 0 ? result.stdout.split('\n')[0]?.trim().slice(0, 120) : undefined;
  if (key && version) cache.set(key, version);
  return version;
}

/** Returns path, size and modification time of the program that a command starts, or undefined if it is not found. */
function fileIdentity(command: string): string | undefined {
  const folders = isAbsolute(command) ? [''] : (process.env['PATH'] ?? '').split(delimiter);
  for (const folder of folders) {
    const path = join(folder, command);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isFile()) return `${realpathSync(path)}:${stat.size}:${stat.mtimeMs}`;
  }
  return undefined;
}
