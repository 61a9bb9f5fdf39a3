/** Common model of lock files, so that checks need not know the formats of package managers. */
import type { StackId } from '../repository/repository.ts';

/** Source of a package. `workspace`: a project of this repository; `bundled`: part of another package's archive. */
export type PackageOrigin = 'registry' | 'url' | 'git' | 'file' | 'workspace' | 'bundled';

export interface LockEntry {
  readonly name: string;
  /** Locked version. Empty if the lock file records none, as for a package in a local folder. */
  readonly version: string;
  readonly origin: PackageOrigin;
  /** 1-based line in the lock file. */
  readonly line: number;
  /** URL that the package is fetched from, or path of a `file`, if the lock file contains it. */
  readonly resolved?: string;
  /** Hashes as written, separated by spaces; for a Git origin, the commit. */
  readonly integrity?: string;
  /** SPDX expression. Only npm records it. */
  readonly license?: string;
  readonly hasInstallScript?: boolean;
  /** Only needed for development. */
  readonly dev?: boolean;
  /** May be missing in an installation, such as a binary for another platform. */
  readonly optional?: boolean;
  /** Folder of the installed package relative to the lock file, such as `node_modules/a/node_modules/b`. */
  readonly path?: string;
  /** Requirements that the entry satisfies, as `name@range`. Only for Yarn. */
  readonly descriptors?: readonly string[];
}

/** Version ranges by package name, as a manifest had them when the lock file was written. */
export type Requirements = ReadonlyMap<string, string>;

/** Parsed text of a lock file. */
export interface LockContent {
  /** Version of the format, as written. */
  readonly version?: string;
  readonly entries: readonly LockEntry[];
  /** Requirements by manifest folder relative to the lock file (empty for its own folder), if the format records them. */
  readonly requirements?: ReadonlyMap<string, Requirements>;
}

export interface Lock extends LockContent {
  /** Relative to the workspace. */
  readonly file: string;
  /** Relative to the workspace; empty for the workspace itself. */
  readonly folder: string;
  readonly stack: StackId;
  /** npm, pnpm, yarn, bun; uv, poetry, pdm, pipenv, pip; cargo; go. */
  readonly manager: string;
  /** Reason why there are no entries. */
  readonly problem?: LockProblem;
}

/** `binary`: Pipescope has no reader for the format. `unreadable`: the file is damaged or too large. */
export interface LockProblem {
  readonly kind: 'binary' | 'unreadable';
  /** The rest of a sentence, such as “its format is binary”. */
  readonly text: string;
}

/** Parses a lock file. Rejects if it is invalid. Yields to the event loop in between, since lock files can be large. */
export type LockReader = (text: string) => Promise<LockContent>;

const commitPattern = /#(?:commit=)?([0-9a-f]{40}|[0-9a-f]{64})$/;

/** Classifies an address. The commit of a git address follows after `#`. */
export function originOf(address: string): { origin: PackageOrigin; integrity?: string } {
  if (/^git(\+|:|@)|^ssh:|\.git(#|$)|^(github|gitlab|bitbucket):/.test(address)) {
    const commit = commitPattern.exec(address)?.[1];
    return { origin: 'git', ...(commit && { integrity: commit }) };
  }
  if (/^(file|link|portal):|^\.{0,2}\//.test(address)) return { origin: 'file' };
  return { origin: /^https?:/.test(address) ? 'url' : 'registry' };
}
