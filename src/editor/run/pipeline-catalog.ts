/** All available pipelines: the built-in ones, and those that workspace folders define in `pipescope.json`. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { HumanError, messageOf } from '../../core/human-error.ts';
import { configFile, type Pipeline, pipelines, requirePipeline } from '../../node/run/pipelines.ts';
import type { Log } from '../log.ts';
import { folderPaths } from '../workspace-folders.ts';

export interface CatalogEntry {
  readonly pipeline: Pipeline;
  /** Folder that defines the pipeline and in which it runs; undefined for built-in pipelines. */
  readonly folder?: string;
}

/** Error in a `pipescope.json`. */
export interface CatalogError {
  readonly path: string;
  /** One-based. */
  readonly line: number;
  readonly message: string;
}

export class PipelineCatalog {
  readonly #log: Log;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onChange = this.#changed.event;
  readonly #diagnostics = vscode.languages.createDiagnosticCollection('pipescope');
  readonly #disposables: readonly vscode.Disposable[];
  #entries: readonly CatalogEntry[] = [];
  #errors: readonly CatalogError[] = [];
  #ready: Promise<void> = Promise.resolve();

  constructor(log: Log) {
    this.#log = log;
    const watcher = vscode.workspace.createFileSystemWatcher(`**/${configFile}`);
    // Read one after the other, so that the latest content wins.
    const read = () => {
      this.#ready = this.#ready.then(() => this.#read());
    };
    this.#disposables = [
      this.#changed,
      this.#diagnostics,
      watcher,
      watcher.onDidCreate(read),
      watcher.onDidChange(read),
      watcher.onDidDelete(read),
      vscode.workspace.onDidChangeWorkspaceFolders(read),
    ];
    read();
  }

  /** Resolves when the configuration of all folders has been read. */
  get ready(): Promise<void> {
    return this.#ready;
  }

  get entries(): readonly CatalogEntry[] {
    return this.#entries;
  }

  get errors(): readonly CatalogError[] {
    return this.#errors;
  }

  /**
   * Returns the pipeline with this id, preferably from `folder`.
   * @throws HumanError that lists the available pipelines if there is none
   */
  find(id: string, folder?: string): CatalogEntry {
    const matching = this.#entries.filter(({ pipeline }) => pipeline.id === id);
    const entry = matching.find((candidate) => candidate.folder === folder) ?? matching[0];
    if (entry) return entry;
    const [error] = this.#errors;
    if (error) throw new HumanError(error.message);
    const available = this.#entries.map(({ pipeline }) => pipeline);
    return { pipeline: requirePipeline(id, available) };
  }

  dispose(): void {
    vscode.Disposable.from(...this.#disposables).dispose();
  }

  async #read(): Promise<void> {
    const errors: CatalogError[] = [];
    const custom: CatalogEntry[] = [];
    for (const folder of folderPaths().filter((path) => existsSync(join(path, configFile)))) {
      // The module with the whole schema is loaded only if a folder has a configuration.
      const { ConfigError, customPipelines } = await import('../../node/config/config.ts');
      try {
        custom.push(...customPipelines(folder).map((pipeline) => ({ pipeline, folder })));
      } catch (error) {
        const line = error instanceof ConfigError ? error.line : 1;
        errors.push({ path: join(folder, configFile), line, message: messageOf(error) });
        this.#log.warn(messageOf(error));
      }
    }
    this.#entries = [...pipelines.map((pipeline) => ({ pipeline })), ...custom];
    this.#errors = errors;
    this.#diagnostics.clear();
    for (const { path, line, message } of errors) {
      const range = new vscode.Range(line - 1, 0, line - 1, Number.MAX_SAFE_INTEGER);
      this.#diagnostics.set(vscode.Uri.file(path), [new vscode.Diagnostic(range, message)]);
    }
    this.#changed.fire();
  }
}
