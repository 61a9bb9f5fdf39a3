/** What a lock file says: the same words for every package manager, so that no check knows their formats. */
import type { StackId } from '../repository/repository.ts';

/** `workspace`: a project of this repository itself; `bundled`: comes inside the archive of another package. */
export type Origin = 'registry' | 'url' | 'git' | 'file' | 'workspace' | 'bundled';

export interface Entry {
  readonly name: string;
  /** As locked; empty where the lock names none, as for a folder. */
  readonly version: string;
  readonly origin: Origin;
  /** From 1. */
  readonly line: number;
  /** Address that it is fetched from, where the lock tells: URL, or path of a `file`. */
  readonly resolved?: string;
  /** Its hashes as written, with a space between several; of a git origin the commit. */
  readonly integrity?: string;
  /** SPDX expression; npm alone writes it down. */
  readonly license?: string;
  readonly hasInstallScript?: boolean;
  /** Is needed for development alone. */
  readonly dev?: boolean;
  /** May be missing where it is installed, such as a binary of another platform. */
  readonly optional?: boolean;
  /** Folder below the lock's own where it is installed, such as `node_modules/a/node_modules/b`. */
  readonly path?: string;
  /** Yarn: the wishes that it answers, `name@range`. */
  readonly asked?: readonly string[];
}

/** What a manifest asked for when the lock was written: name to range. */
export type Wishes = ReadonlyMap<string, string>;

/** What a reader finds in the text of a lock. */
export interface Content {
  /** Of the format, as written. */
  readonly version?: string;
  readonly entries: readonly Entry[];
  /** By folder of the manifest relative to the lock's, empty for its own; none where the format does not tell. */
  readonly wishes?: ReadonlyMap<string, Wishes>;
}

export interface Lock extends Content {
  /** Relative to the workspace. */
  readonly file: string;
  /** Relative to the workspace, empty for the workspace itself. */
  readonly folder: string;
  readonly stack: StackId;
  /** npm, pnpm, yarn, bun; uv, poetry, pdm, pipenv, pip; cargo; go. */
  readonly manager: string;
  /** Why nothing could be read from it; there are no entries then. */
  readonly problem?: string;
}

/** Reads the text of a lock; throws where it is broken. Gives way to others between parts of a large one. */
export type Reader = (text: string) => Promise<Content>;

const commit = /#(?:commit=)?([0-9a-f]{40}|[0-9a-f]{64})$/;

/** Where an address leads; the commit of a git address stands behind `#`. */
export function originOf(address: string): { origin: Origin; integrity?: string } {
  if (/^git(\+|:|@)|^ssh:|\.git(#|$)|^(github|gitlab|bitbucket):/.test(address)) {
    const hash = commit.exec(address)?.[1];
    return { origin: 'git', ...(hash && { integrity: hash }) };
  }
  if (/^(file|link|portal):|^\.{0,2}\//.test(address)) return { origin: 'file' };
  return { origin: /^https?:/.test(address) ? 'url' : 'registry' };
}

/** Lets others of this process have their turn. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
