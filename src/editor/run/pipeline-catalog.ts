/** Every pipeline that can be run here: those built in, and those that each open folder defines in `pipescope.json`. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { HumanError, messageOf } from '../../core/human-error.ts';
import { configFile, type Pipeline, pipelineOf, pipelines } from '../../node/run/launch-spec.ts';
import type { Log } from '../log.ts';
import { folderPaths } from '../workspace-folders.ts';

export interface Entry {
  readonly pipeline: Pipeline;
  /** Of a pipeline that a folder defines: where it runs. */
  readonly folder?: string;
}

/** A `pipescope.json` that cannot be read. */
export interface Fault {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

export class Catalog {
  readonly #log: Log;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onChange = this.#changed.event;
  readonly #problems = vscode.languages.createDiagnosticCollection('pipescope');
  readonly #disposables: readonly vscode.Disposable[];
  #entries: readonly Entry[] = [];
  #faults: readonly Fault[] = [];
  #ready: Promise<void> = Promise.resolve();

  constructor(log: Log) {
    this.#log = log;
    const watcher = vscode.workspace.createFileSystemWatcher(`**/${configFile}`);
    // One after the other: the newest look is the last to be heard.
    const read = () => {
      this.#ready = this.#ready.then(() => this.#read());
    };
    this.#disposables = [
      this.#changed,
      this.#problems,
      watcher,
      watcher.onDidCreate(read),
      watcher.onDidChange(read),
      watcher.onDidDelete(read),
      vscode.workspace.onDidChangeWorkspaceFolders(read),
    ];
    read();
  }

  /** Resolves when what the folders define was read. */
  get ready(): Promise<void> {
    return this.#ready;
  }

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  get faults(): readonly Fault[] {
    return this.#faults;
  }

  /** The one of this id, in this folder if one is named; throws a HumanError that says what there is. */
  find(id: string, folder?: string): Entry {
    const named = this.#entries.filter(({ pipeline }) => pipeline.id === id);
    const found = named.find((entry) => entry.folder === folder) ?? named[0];
    if (found) return found;
    const [fault] = this.#faults;
    if (fault) throw new HumanError(fault.message);
    return {
      pipeline: pipelineOf(
        id,
        this.#entries.map(({ pipeline }) => pipeline),
      ),
    };
  }

  dispose(): void {
    vscode.Disposable.from(...this.#disposables).dispose();
  }

  async #read(): Promise<void> {
    const faults: Fault[] = [];
    const own: Entry[] = [];
    for (const folder of folderPaths().filter((one) => existsSync(join(one, configFile)))) {
      // Its reader knows a whole schema: most folders define nothing and never need it.
      const { ConfigError, ownPipelines } = await import('../../node/config/config.ts');
      try {
        own.push(...ownPipelines(folder).map((pipeline) => ({ pipeline, folder })));
      } catch (error) {
        const line = error instanceof ConfigError ? error.line : 1;
        faults.push({ path: join(folder, configFile), line, message: messageOf(error) });
        this.#log.warn(messageOf(error));
      }
    }
    this.#entries = [...pipelines.map((pipeline) => ({ pipeline })), ...own];
    this.#faults = faults;
    this.#problems.clear();
    for (const { path, line, message } of faults) {
      const at = new vscode.Range(line - 1, 0, line - 1, Number.MAX_SAFE_INTEGER);
      this.#problems.set(vscode.Uri.file(path), [new vscode.Diagnostic(at, message)]);
    }
    this.#changed.fire();
  }
}
