/** Plants a real repository with known truth in a folder of its own, for the tests of the checks. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Context, Memory } from '../../../src/pipelines/validation/check/check.ts';
import { gitEnvironment } from '../../../src/pipelines/validation/repository/ask-git.ts';
import { openRepository } from '../../../src/pipelines/validation/repository/repository.ts';
import { Programs } from '../../../src/pipelines/validation/run/programs.ts';

/** Text, bytes, a program (`{run}`), or a link (`{link}` is where it leads to). */
export type Planted = string | Uint8Array | { readonly run: string } | { readonly link: string };

export interface PlantOptions {
  /** All files are committed, those of `untracked` and ignored ones left out. Without it there is no git. */
  readonly git?: boolean;
  /** Written after the commit. */
  readonly untracked?: Readonly<Record<string, Planted>>;
  /** Folder for facts that are kept between runs. */
  readonly facts?: string;
  readonly base?: string;
  /** Folder that tools may keep something in between runs. */
  readonly cache?: string;
  readonly signal?: AbortSignal;
}

export interface Plant {
  /** Absolute, without links. */
  readonly root: string;
  readonly context: Context;
  put(file: string, content: Planted): void;
  /** Runs git in it and returns what it prints. */
  git(...args: string[]): string;
  /** A context that has seen nothing yet; what was remembered stays. */
  again(): Promise<Context>;
  dispose(): void;
}

export async function plant(files: Readonly<Record<string, Planted>>, options: PlantOptions = {}): Promise<Plant> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'pipescope-planted-')));
  const put = (file: string, content: Planted): void => putFile(join(root, file), content);
  const git = (...args: string[]): string => runGit(root, args);
  for (const [file, content] of Object.entries(files)) put(file, content);
  if (options.git) {
    git('init', '--quiet', '--initial-branch=main');
    git('add', '--all');
    git('commit', '--quiet', '--allow-empty', '--message', 'plant');
  }
  for (const [file, content] of Object.entries(options.untracked ?? {})) put(file, content);
  const memory = memoryOf();
  const again = async (): Promise<Context> => {
    const signal = options.signal ?? new AbortController().signal;
    return {
      repository: await openRepository(root, { signal, ...(options.facts ? { facts: options.facts } : {}) }),
      signal,
      run: new Programs(root, signal).run,
      memory,
      ...(options.base ? { base: options.base } : {}),
      ...(options.cache ? { cache: options.cache } : {}),
    };
  };
  const dispose = (): void => rmSync(root, { recursive: true, force: true });
  return { root, context: await again(), put, git, again, dispose };
}

function putFile(path: string, content: Planted): void {
  mkdirSync(dirname(path), { recursive: true });
  if (typeof content === 'string' || content instanceof Uint8Array) writeFileSync(path, content);
  else if ('link' in content) symlinkSync(content.link, path);
  else {
    writeFileSync(path, content.run);
    chmodSync(path, 0o755);
  }
}

/** A person and a time of its own, and nobody's configuration: each plant has the same commits. */
const author = {
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
    env: { ...gitEnvironment(), ...author },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function memoryOf(): Memory {
  const known = new Map<string, unknown>();
  return {
    get: <T>(key: string) => structuredClone(known.get(key)) as T | undefined,
    set: (key, value) => void known.set(key, structuredClone(value)),
  };
}
