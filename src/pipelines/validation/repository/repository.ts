/** Interface of a workspace for the checks. Files are read once and shared by all checks. */
import type { Coverage } from '../../../protocol/validation/validation.ts';
import type { Facts } from '../../detection/extract/facts.ts';

export type StackId = 'node' | 'python' | 'rust' | 'go';

/** A project of one language, identified by its manifest. */
export interface Stack {
  readonly id: StackId;
  /** Folder of the manifest, relative to the workspace; empty for the workspace itself. */
  readonly folder: string;
  /** Relative to the workspace. */
  readonly manifest: string;
  /** npm, pnpm, yarn, bun; uv, poetry, pdm, pipenv, pip; cargo; go. */
  readonly packageManager: string;
  /** Folder of the outermost workspace that lists the project as a member; absent for a project on its own. */
  readonly workspace?: string;
}

export interface Repository {
  /** Absolute path with symbolic links resolved. */
  readonly root: string;
  /** The workspace is a Git repository or a folder of one. */
  readonly git: boolean;
  /** Returns every file that is not ignored, tracked or not, as a sorted relative path with `/`. */
  files(): Promise<readonly string[]>;
  /** Returns the same files as `files`, for fast lookups. */
  fileSet(): Promise<ReadonlySet<string>>;
  /** Returns the files that Git tracks; without Git, or without tracked files, the same files as `files`. */
  trackedFiles(): Promise<ReadonlySet<string>>;
  /** Returns how many files are judged, and how many are not for which reason. */
  coverage(): Promise<Coverage>;
  /** Returns UTF-8 text, or undefined if the file is missing, binary, larger than 2 MB, a Git LFS pointer or outside the workspace. */
  text(file: string): Promise<string | undefined>;
  /** Parses JSON, with comments allowed. Like `toml` and `yaml`, returns undefined if the file does not parse. */
  json(file: string): Promise<unknown>;
  toml(file: string): Promise<unknown>;
  /** Parses the first document of the file. */
  yaml(file: string): Promise<unknown>;
  /** Returns the projects at the root and, for workspaces, of their members, without fixtures. */
  stacks(): Promise<readonly Stack[]>;
  /** Returns the path of a program installed in the workspace (`node_modules/.bin`, `.venv/bin`), or undefined. */
  tool(name: string, folder?: string): Promise<string | undefined>;
  /** Returns whether the path is a test file in any of the languages. */
  isTest(file: string): boolean;
  /** Returns whether a file was not written by hand: test data, vendored, generated or minified. Text rules skip these. */
  isForeign(file: string): boolean;
  /** Returns the facts of the detection pipeline for every source file that is not foreign. Cached by content. */
  index(): Promise<ReadonlyMap<string, Facts>>;
}
