/** Places spans that name no file by the workspace's symbols, one question at a time, and remembers the answers. */
import { sep } from 'node:path';
import * as vscode from 'vscode';
import type { Snapshot } from '../../protocol/snapshot.ts';
import type { Live } from '../current-run.ts';
import type { Log } from '../log.ts';
import { folderPaths } from '../workspace-folders.ts';
import { type Candidate, functionNamed, onlyOne, type Place } from './symbol-match.ts';

/** Names that are looked for, of one window. */
const mostNames = 300;
/** A language may need a while until it knows the workspace: what it does not know is asked again, this often. */
const tries = 3;
const againMs = 10_000;

const functions: ReadonlySet<vscode.SymbolKind> = new Set([
  vscode.SymbolKind.Function,
  vscode.SymbolKind.Method,
  vscode.SymbolKind.Constructor,
]);

interface Question {
  place?: Place;
  left: number;
  nextMs: number;
}

export class Matches {
  readonly #log: Log;
  readonly #changed = new vscode.EventEmitter<void>();
  /** Fires when a name has found its place. */
  readonly onChange = this.#changed.event;
  readonly #questions = new Map<string, Question>();
  readonly #listening: vscode.Disposable;
  #asking = false;

  constructor(live: Live, log: Log) {
    this.#log = log;
    this.#listening = live.onChange(() => {
      if (live.snapshot && live.busy) void this.#ask(live.snapshot);
    });
  }

  /** Where the function is that a span of this name means, if that is known. */
  of(span: string): Place | undefined {
    const name = functionNamed(span);
    return name === undefined ? undefined : this.#questions.get(name)?.place;
  }

  dispose(): void {
    this.#listening.dispose();
    this.#changed.dispose();
  }

  async #ask({ operations }: Snapshot): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    try {
      for (const { file, kind, name, count } of operations) {
        // What is only sampled is a package or a runtime, and no span.
        if (file !== undefined || count === 0 || kind === 'query' || kind === 'check') continue;
        const wanted = functionNamed(name);
        if (wanted !== undefined) await this.#answer(wanted);
      }
    } catch (error) {
      this.#log.warn(`Functions could not be looked for by the names of spans: ${String(error)}`);
    } finally {
      this.#asking = false;
    }
  }

  async #answer(name: string): Promise<void> {
    const question = this.#questions.get(name) ?? { left: tries, nextMs: 0 };
    if (question.place || question.left === 0 || Date.now() < question.nextMs) return;
    if (!this.#questions.has(name) && this.#questions.size >= mostNames) return;
    this.#questions.set(name, question);
    question.left--;
    question.nextMs = Date.now() + againMs;
    const found: unknown = await vscode.commands.executeCommand('vscode.executeWorkspaceSymbolProvider', name);
    const place = onlyOne(name, Array.isArray(found) ? found.filter(isSymbol).map(candidateOf) : []);
    if (!place) return;
    question.place = place;
    this.#changed.fire();
  }
}

function candidateOf({ name, kind, location }: vscode.SymbolInformation): Candidate {
  const { uri, range } = location;
  const path = uri.fsPath;
  const inside = uri.scheme === 'file' && folderPaths().some((folder) => path.startsWith(folder + sep));
  const own = inside && !path.split(sep).includes('node_modules');
  return { name, isFunction: functions.has(kind), line: range.start.line, ...(own ? { path } : {}) };
}

function isSymbol(value: unknown): value is vscode.SymbolInformation {
  return typeof value === 'object' && value !== null && 'name' in value && 'kind' in value && 'location' in value;
}
