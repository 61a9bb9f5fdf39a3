/** Builds a Node project with its own script in a copy of the workspace, so that the workspace stays as it is. */
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashOf } from '../../../detection/files/content-hash.ts';
import type { CheckContext, ProgramResult } from '../../check/check.ts';
import { field } from '../../repository/manifest-formats.ts';
import type { Repository } from '../../repository/repository.ts';
import { copyWorkspace } from './copy-workspace.ts';

/** Result of a build: the created files with their hashes, or why there is none. */
export type BuildResult =
  | { readonly kind: 'built'; readonly files: ReadonlyMap<string, string> }
  | { readonly kind: 'failed'; readonly result: ProgramResult }
  | { readonly kind: 'not_applicable' | 'tool_missing'; readonly reason: string };

/** First results by repository, so that the check of a build and that of its repetition need two builds together. */
const firstBuilds = new WeakMap<Repository, BuildResult>();

export async function buildOnce(context: CheckContext): Promise<BuildResult> {
  const earlier = firstBuilds.get(context.repository);
  if (earlier) return earlier;
  const result = await buildInCopy(context);
  firstBuilds.set(context.repository, result);
  return result;
}

/** Programs that change more than the folder of a build, or need the network. */
const sideEffects =
  /\b(?:npm|pnpm|yarn|bun)\s+(?:ci|i|install|add|publish|version|link)\b|\b(?:git|docker|podman|curl|wget|ssh|scp|rsync|sudo|kubectl|aws|gcloud|az|vercel|netlify|firebase|wrangler|migrate|deploy|publish)\b/;
const maxCalls = 50;

/** Returns whether the build script, or one that it calls, does more than build. */
function hasSideEffects(scripts: unknown): boolean {
  const names = ['prebuild', 'build', 'postbuild'];
  for (let index = 0; index < names.length && index < maxCalls; index++) {
    const script = field(scripts, names[index] as string);
    if (typeof script !== 'string') continue;
    if (sideEffects.test(script)) return true;
    // Every script whose name occurs may be called, by whatever runner.
    const parts = new Set(script.split(/[\s"'&|;()]+/));
    names.push(...Object.keys(scripts ?? {}).filter((name) => parts.has(name) && !names.includes(name)));
  }
  return false;
}

/** Copies the workspace to a new folder and builds it there. */
export async function buildInCopy(context: CheckContext): Promise<BuildResult> {
  const { repository } = context;
  const scripts = field(await repository.json('package.json'), 'scripts');
  if (typeof field(scripts, 'build') !== 'string')
    return { kind: 'not_applicable', reason: 'package.json has no script “build”.' };
  if (hasSideEffects(scripts))
    return { kind: 'not_applicable', reason: 'The build also installs, publishes or calls other services.' };
  const files = await repository.files();
  if (!existsSync(join(repository.root, 'node_modules')))
    return { kind: 'tool_missing', reason: 'The dependencies are not installed.' };
  const copy = await mkdtemp(join(tmpdir(), 'pipescope-build-'));
  try {
    const refusal = await copyWorkspace(context, copy);
    if (refusal !== undefined) return { kind: 'not_applicable', reason: `The build is not tried: ${refusal}` };
    const manager = (await repository.stacks()).find(
      ({ id, folder }) => id === 'node' && folder === '',
    )?.packageManager;
    const program = manager ?? 'npm';
    // Scripts that read their folder from these variables must not reach the original either.
    const env = { PWD: copy, INIT_CWD: copy };
    const result = await context.run(program, ['run', 'build'], { cwd: copy, env, maxBytes: 1_000_000 });
    if (!result || result.code === 127)
      return { kind: 'tool_missing', reason: `${program} or a program of the build is not installed.` };
    const reason = explainUnavailable(result);
    if (reason !== undefined) return { kind: 'tool_missing', reason };
    if (result.code !== 0) return { kind: 'failed', result };
    return { kind: 'built', files: await hashNewFiles(copy, new Set(files)) };
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

/** Reasons for which a build fails in a copy without network, although the workspace may be fine. */
const unavailableReasons: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|fetch failed|getaddrinfo/, 'The build needs the network.'],
  [/not a git repository/i, 'The build needs the Git repository.'],
  [/command not found|: not found|is not recognized/, 'A program of the build is not installed.'],
  [
    /Cannot find (?:module|package)|ERR_MODULE_NOT_FOUND|Could not resolve|Can't resolve|TS2307/,
    'A package of the build is not installed.',
  ],
  [/ENOENT|EACCES|EPERM/, 'The build needs a file that is not part of the workspace.'],
];

function explainUnavailable({ code, stdout, stderr }: ProgramResult): string | undefined {
  if (code === 0) return undefined;
  return unavailableReasons.find(([pattern]) => pattern.test(`${stdout}\n${stderr}`))?.[1];
}

/** Folders with caches rather than results of a build. */
const cacheFolder = /(?:^|\/)(?:node_modules|\.[^/]*cache|cache|\.turbo|\.parcel-cache)(?:\/|$)|\.tsbuildinfo$/;

async function hashNewFiles(copy: string, sources: ReadonlySet<string>): Promise<ReadonlyMap<string, string>> {
  const hashes = new Map<string, string>();
  const visit = async (folder: string): Promise<void> => {
    for (const entry of await readdir(join(copy, folder), { withFileTypes: true })) {
      const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (cacheFolder.test(name)) continue;
      if (entry.isDirectory()) await visit(name);
      else if (entry.isFile() && !sources.has(name))
        hashes.set(name, hashOf((await readFile(join(copy, name))).toString('latin1')));
    }
  };
  await visit('');
  return hashes;
}
