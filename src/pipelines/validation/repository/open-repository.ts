/** The repository of a folder: each part of it is found when it is first asked for, and once. */
import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { Facts } from '../../detection/extract/facts.ts';
import { languageOf } from '../../detection/extract/languages.ts';
import { isTestName } from './file-names.ts';
import { Texts } from './file-texts.ts';
import { Foreign } from './foreign-files.ts';
import { isInGit, listFiles } from './list-files.ts';
import { Parsed } from './parsed-files.ts';
import type { OpenOptions, Repository, Stack } from './repository.ts';
import { factsOf } from './repository-facts.ts';
import { stacksOf } from './stacks.ts';
import { toolOf } from './workspace-tool.ts';

export async function open(folder: string, options: OpenOptions = {}): Promise<Repository> {
  const root = await realpath(folder);
  return new Opened(root, await isInGit(root), options);
}

const stretch = 100;

class Opened implements Repository {
  readonly root: string;
  readonly git: boolean;
  readonly #options: OpenOptions;
  readonly #texts: Texts;
  readonly #parsed: Parsed;
  readonly #foreign: Foreign;
  #files: Promise<readonly string[]> | undefined;
  #stacks: Promise<readonly Stack[]> | undefined;
  #index: Promise<ReadonlyMap<string, Facts>> | undefined;

  constructor(root: string, git: boolean, options: OpenOptions) {
    this.root = root;
    this.git = git;
    this.#options = options;
    this.#texts = new Texts(root);
    this.#parsed = new Parsed((file) => this.#texts.data(file));
    this.#foreign = new Foreign(root);
  }

  files(): Promise<readonly string[]> {
    this.#files ??= listFiles(this.root, this.git);
    return this.#files;
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
    const has = (file: string): boolean => existsSync(join(this.root, file));
    return stacksOf(await this.files(), { repository: this, has });
  }

  tool(name: string, folder = ''): Promise<string | undefined> {
    return toolOf(this.root, name, folder);
  }

  isTest(file: string): boolean {
    return isTestName(file);
  }

  isForeign(file: string): boolean {
    return this.#foreign.has(file);
  }

  index(): Promise<ReadonlyMap<string, Facts>> {
    this.#index ??= this.#findFacts();
    return this.#index;
  }

  async #findFacts(): Promise<ReadonlyMap<string, Facts>> {
    const { facts, signal = new AbortController().signal } = this.#options;
    // What nobody here wrote is judged by no rule, and is the longest to read.
    const own: string[] = [];
    for (const [at, file] of (await this.files()).entries()) {
      // Heads of files are read here: others have their turn in between.
      if (at % stretch === stretch - 1) await new Promise((resolve) => setImmediate(resolve));
      if (languageOf(file) && !this.isForeign(file)) own.push(file);
    }
    return factsOf(this.root, own, { cache: facts, signal });
  }
}
