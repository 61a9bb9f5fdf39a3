/** Opens a folder as a repository. Each part is computed once, on first use. */
import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { yieldToLoop } from '../../../process/yield-to-loop.ts';
import type { Coverage } from '../../../protocol/validation/validation.ts';
import type { Facts } from '../../detection/extract/facts.ts';
import { languageOf } from '../../detection/extract/languages.ts';
import { countCoverage } from './count-coverage.ts';
import { FileTexts } from './file-texts.ts';
import { findFacts } from './find-facts.ts';
import { findStacks } from './find-stacks.ts';
import { isTestName } from './foreign/file-names.ts';
import { ForeignFiles } from './foreign/foreign-files.ts';
import { countIgnored, type FileListing, isInGit, listFiles } from './list-files.ts';
import { ParsedFiles } from './parsed-files.ts';
import type { Repository, Stack } from './repository.ts';
import { findTool } from './workspace-tool.ts';

interface OpenOptions {
  /** Folder of the facts that the detection pipeline has cached. If undefined, each run extracts all facts. */
  readonly facts?: string;
  /** Aborting it ends the extraction of facts. */
  readonly signal?: AbortSignal;
}

/** Opens an existing folder. */
export async function openRepository(folder: string, options: OpenOptions = {}): Promise<Repository> {
  const root = await realpath(folder);
  return new WorkspaceRepository(root, await isInGit(root), options);
}

/** Number of files to classify between two yields to the event loop. */
const filesPerYield = 100;

class WorkspaceRepository implements Repository {
  readonly root: string;
  readonly git: boolean;
  readonly #options: OpenOptions;
  readonly #texts: FileTexts;
  readonly #parsed: ParsedFiles;
  readonly #foreign: ForeignFiles;
  #listing: Promise<FileListing> | undefined;
  #fileSet: Promise<ReadonlySet<string>> | undefined;
  #trackedFiles: ReadonlySet<string> | undefined;
  #stacks: Promise<readonly Stack[]> | undefined;
  #index: Promise<ReadonlyMap<string, Facts>> | undefined;

  constructor(root: string, git: boolean, options: OpenOptions) {
    this.root = root;
    this.git = git;
    this.#options = options;
    this.#texts = new FileTexts(root);
    this.#parsed = new ParsedFiles((file) => this.#texts.data(file));
    this.#foreign = new ForeignFiles(root);
  }

  async files(): Promise<readonly string[]> {
    return (await this.#list()).files;
  }

  fileSet(): Promise<ReadonlySet<string>> {
    this.#fileSet ??= this.files().then((files) => new Set(files));
    return this.#fileSet;
  }

  async trackedFiles(): Promise<ReadonlySet<string>> {
    const { untracked } = await this.#list();
    if (untracked.size === 0) return this.fileSet();
    this.#trackedFiles ??= new Set((await this.files()).filter((file) => !untracked.has(file)));
    return this.#trackedFiles;
  }

  async coverage(): Promise<Coverage> {
    const [listing, ignored] = await Promise.all([this.#list(), countIgnored(this.root, this.git)]);
    return countCoverage(listing, ignored, this.#foreign);
  }

  #list(): Promise<FileListing> {
    this.#listing ??= listFiles(this.root, this.git);
    return this.#listing;
  }

  text(file: string): Promise<string | undefined> {
    return this.#texts.text(file);
  }

  json(file: string): Promise<unknown> {
    return this.#parsed.value(file, 'json');
  }

  toml(file: string): Promise<unknown> {
    return this.#parsed.value(file, 'toml');
  }

  yaml(file: string): Promise<unknown> {
    return this.#parsed.value(file, 'yaml');
  }

  stacks(): Promise<readonly Stack[]> {
    this.#stacks ??= this.#findStacks();
    return this.#stacks;
  }

  async #findStacks(): Promise<readonly Stack[]> {
    const exists = (file: string): boolean => existsSync(join(this.root, file));
    return findStacks(await this.files(), { repository: this, exists });
  }

  tool(name: string, folder = ''): Promise<string | undefined> {
    return findTool(this.root, name, folder);
  }

  isTest(file: string): boolean {
    return isTestName(file);
  }

  isForeign(file: string): boolean {
    return this.#foreign.has(file);
  }

  index(): Promise<ReadonlyMap<string, Facts>> {
    this.#index ??= this.#buildIndex();
    return this.#index;
  }

  async #buildIndex(): Promise<ReadonlyMap<string, Facts>> {
    const { facts, signal = new AbortController().signal } = this.#options;
    // Foreign files are left out: no rule applies to them, and they take longest to parse.
    const sources: string[] = [];
    for (const [position, file] of (await this.files()).entries()) {
      // `isForeign` reads the heads of files synchronously.
      if (position % filesPerYield === filesPerYield - 1) await yieldToLoop();
      if (languageOf(file) && !this.isForeign(file)) sources.push(file);
    }
    return findFacts(this.root, sources, { cache: facts, signal });
  }
}
