/** Creates a real repository with known content in a temporary folder, for tests of checks. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { CheckCache, CheckContext } from '../../../src/pipelines/validation/check/check.ts';
import { gitEnvironment } from '../../../src/pipelines/validation/repository/ask-git.ts';
import { openRepository } from '../../../src/pipelines/validation/repository/open-repository.ts';
import { Programs } from '../../../src/pipelines/validation/run/programs.ts';
import { defined } from '../../../src/protocol/defined.ts';

/** Text, bytes, an executable script (`{run}`), or a symbolic link (`{link}` is its target). */
export type PlantedFile = string | Uint8Array | { readonly run: string } | { readonly link: string };

export interface PlantOptions {
  /** Create a git repository and commit all files except ignored and `untracked` ones. */
  readonly git?: boolean;
  /** Files to write after the commit. */
  readonly untracked?: Readonly<Record<string, PlantedFile>>;
  /** Folder for facts cached between runs. */
  readonly facts?: string;
  readonly base?: string;
  /** Folder for caches of tools. */
  readonly toolCacheFolder?: string;
  readonly signal?: AbortSignal;
}

export interface PlantedRepository {
  /** Absolute path with symbolic links resolved. */
  readonly root: string;
  readonly context: CheckContext;
  put(file: string, content: PlantedFile): void;
  /** Runs git in the repository and returns its output. */
  git(...args: string[]): string;
  /** Creates a new context with the same cache, as in the next run. */
  again(): Promise<CheckContext>;
  dispose(): void;
}

export async function plant(
  files: Readonly<Record<string, PlantedFile>>,
  options: PlantOptions = {},
): Promise<PlantedRepository> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'pipescope-planted-')));
  const put = (file: string, content: PlantedFile): void => putFile(join(root, file), content);
  const git = (...args: string[]): string => runGit(root, args);
  for (const [file, content] of Object.entries(files)) put(file, content);
  if (options.git) {
    git('init', '--quiet', '--initial-branch=main');
    git('add', '--all');
    git('commit', '--quiet', '--allow-empty', '--message', 'plant');
  }
  for (const [file, content] of Object.entries(options.untracked ?? {})) put(file, content);
  const cache = createMemoryCache();
  const again = async (): Promise<CheckContext> => {
    const signal = options.signal ?? new AbortController().signal;
    return {
      repository: await openRepository(root, { signal, ...defined({ facts: options.facts }) }),
      signal,
      run: new Programs(root, signal).run,
      cache,
      ...defined({ base: options.base, toolCacheFolder: options.toolCacheFolder }),
    };
  };
  const dispose = (): void => rmSync(root, { recursive: true, force: true });
  return { root, context: await again(), put, git, again, dispose };
}

function putFile(path: string, content: PlantedFile): void {
  mkdirSync(dirname(path), { recursive: true });
  if (typeof content === 'string' || content instanceof Uint8Array) writeFileSync(path, content);
  else if ('link' in content) symlinkSync(content.link, path);
  else {
    writeFileSync(path, content.run);
    chmodSync(path, 0o755);
  }
}

/** Fixed author, date and configuration, so that commits have the same hashes in every run. */
const fixedEnvironment = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Plant',
  GIT_AUTHOR_EMAIL: 'plant@example.org',
  GIT_COMMITTER_NAME: 'Plant',
  GIT_COMMITTER_EMAIL: 'plant@example.org',
  GIT_AUTHOR_DATE: '2026-01-02T03:04:05Z',
  GIT_COMMITTER_DATE: '2026-01-02T03:04:05Z',
};

function runGit(root: string, args: readonly string[]): string {
  return execFileSync('git', args, {
    cwd: root,
    env: { ...gitEnvironment(), ...fixedEnvironment },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function createMemoryCache(): CheckCache {
  const values = new Map<string, unknown>();
  return {
    get: <T>(key: string) => structuredClone(values.get(key)) as T | undefined,
    set: (key, value) => void values.set(key, structuredClone(value)),
  };
}
