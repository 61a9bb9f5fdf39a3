/** What the checks look at: the files of a workspace, read once and shared by all. */
import type { Facts } from '../../detection/extract/facts.ts';
import { open } from './open-repository.ts';

export type StackId = 'node' | 'python' | 'rust' | 'go';

/** A project of one language, by its manifest. */
export interface Stack {
  readonly id: StackId;
  /** Folder of the manifest, relative to the workspace; empty for the workspace itself. */
  readonly folder: string;
  /** Relative to the workspace. */
  readonly manifest: string;
  /** npm, pnpm, yarn, bun; uv, poetry, pdm, pip; cargo; go. */
  readonly packageManager: string;
}

export interface Repository {
  /** Absolute, without links. */
  readonly root: string;
  /** The workspace is (a folder of) a git repository. */
  readonly git: boolean;
  /** Every tracked file, relative with `/`, sorted; without git all that are not ignored. */
  files(): Promise<readonly string[]>;
  /** UTF-8 text; nothing where it is binary, larger than 2 MB, a link that leaves the workspace, or gone. */
  text(file: string): Promise<string | undefined>;
  /** Parsed JSON with comments allowed; nothing where there is no such file or it does not parse. */
  json(file: string): Promise<unknown>;
  toml(file: string): Promise<unknown>;
  /** The first document of the file. */
  yaml(file: string): Promise<unknown>;
  /** Manifests at the root and, for workspaces, in their members' folders; those of fixtures left out. */
  stacks(): Promise<readonly Stack[]>;
  /** Path of a program that the workspace itself has installed (node_modules/.bin, .venv/bin), if it has. */
  tool(name: string, folder?: string): Promise<string | undefined>;
  /** A test by its path, of any of the languages. */
  isTest(file: string): boolean;
  /** Not written here by hand: tests' data, vendored, generated, minified; left out of rules about text. */
  isForeign(file: string): boolean;
  /** The detection pipeline's facts of every source in a language it knows that is not foreign; kept by content. */
  index(): Promise<ReadonlyMap<string, Facts>>;
}

export interface OpenOptions {
  /** Folder that the detection pipeline keeps its facts in; without it they are found anew in each run. */
  readonly facts?: string;
  /** Ends the search for facts. */
  readonly signal?: AbortSignal;
}

/** The repository of an existing folder. */
export const openRepository: (folder: string, options?: OpenOptions) => Promise<Repository> = open;
