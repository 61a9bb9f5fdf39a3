/** Locates spans that name no file by searching the workspace symbols, one name at a time, and caches the results. */
import { sep } from 'node:path';
import * as vscode from 'vscode';
import type { Snapshot } from '../../protocol/snapshot.ts';
import type { CurrentRun } from '../current-run.ts';
import type { Log } from '../log.ts';
import { folderPaths } from '../workspace-folders.ts';
import { findUniqueFunction, functionNameOf, type SymbolCandidate, type SymbolLocation } from './symbol-match.ts';

/** Maximum number of names that are looked up per window. */
const maxNames = 300;

/** Names not found are looked up again, because a language server may need time to index the workspace. */
const maxAttempts = 3;
const retryDelayMs = 10_000;

const functionKinds: ReadonlySet<vscode.SymbolKind> = new Set([
  vscode.SymbolKind.Function,
  vscode.SymbolKind.Method,
  vscode.SymbolKind.Constructor,
]);

interface Lookup {
  location?: SymbolLocation;
  attemptsLeft: number;
  retryAtMs: number;
}

export class SymbolResolver {
  readonly #log: Log;
  readonly #changed = new vscode.EventEmitter<void>();
  /** Fires when a name was located. */
  readonly onChange = this.#changed.event;
  readonly #lookups = new Map<string, Lookup>();
  readonly #listener: vscode.Disposable;
  #isResolving = false;

  constructor(currentRun: CurrentRun, log: Log) {
    this.#log = log;
    this.#listener = currentRun.onChange(() => {
      if (currentRun.snapshot && currentRun.isBusy) void this.#resolveAll(currentRun.snapshot);
    });
  }

  /** Returns the location of the function that a span refers to, if it is known by now. */
  locationOf(span: string): SymbolLocation | undefined {
    const name = functionNameOf(span);
    return name === undefined ? undefined : this.#lookups.get(name)?.location;
  }

  dispose(): void {
    this.#listener.dispose();
    this.#changed.dispose();
  }

  async #resolveAll({ operations }: Snapshot): Promise<void> {
    if (this.#isResolving) return;
    this.#isResolving = true;
    try {
      for (const { file, kind, name, count } of operations) {
        // Operations without calls are sampled packages and runtimes, not spans.
        if (file !== undefined || count === 0 || kind === 'query' || kind === 'check') continue;
        const functionName = functionNameOf(name);
        if (functionName !== undefined) await this.#resolve(functionName);
      }
    } catch (error) {
      this.#log.warn(`Could not search the workspace symbols for the names of spans: ${String(error)}`);
    } finally {
      this.#isResolving = false;
    }
  }

  async #resolve(name: string): Promise<void> {
    const lookup = this.#lookups.get(name) ?? { attemptsLeft: maxAttempts, retryAtMs: 0 };
    if (lookup.location || lookup.attemptsLeft === 0 || Date.now() < lookup.retryAtMs) return;
    if (!this.#lookups.has(name) && this.#lookups.size >= maxNames) return;
    this.#lookups.set(name, lookup);
    lookup.attemptsLeft--;
    lookup.retryAtMs = Date.now() + retryDelayMs;
    const symbols: unknown = await vscode.commands.executeCommand('vscode.executeWorkspaceSymbolProvider', name);
    const location = findUniqueFunction(name, Array.isArray(symbols) ? symbols.filter(isSymbol).map(toCandidate) : []);
    if (!location) return;
    lookup.location = location;
    this.#changed.fire();
  }
}

function toCandidate({ name, kind, location }: vscode.SymbolInformation): SymbolCandidate {
  const { uri, range } = location;
  const path = uri.fsPath;
  const isInWorkspace = uri.scheme === 'file' && folderPaths().some((folder) => path.startsWith(folder + sep));
  const isOwnCode = isInWorkspace && !path.split(sep).includes('node_modules');
  return { name, isFunction: functionKinds.has(kind), line: range.start.line, ...(isOwnCode ? { path } : {}) };
}

function isSymbol(value: unknown): value is vscode.SymbolInformation {
  return typeof value === 'object' && value !== null && 'name' in value && 'kind' in value && 'location' in value;
}
