import { readFile, stat } from 'node:fs/promises';
import type { FunctionSource, StackView } from '../../protocol/panel/stack-view.ts';
import type { Run } from '../../protocol/snapshot.ts';
import { resolveSourceFile } from '../source-location.ts';
import { excerptFunction } from './source-excerpt.ts';

const maxFiles = 20;
const maxBytes = 2e6;
/** Time after which a file is looked at again. */
const maxAgeMs = 2000;

/** A file; without texts if it is missing, outside of the workspace, too large, or not a text. */
interface LoadedFile {
  readonly texts?: readonly string[];
  readonly modifiedMs: number;
  readonly loadedAtMs: number;
}

interface FunctionSourcesOptions {
  /** Returns the paths of the folders whose files may be read. */
  readonly folders: () => readonly string[];
  /** Called when a file has been read, or has changed. */
  readonly onLoad: () => void;
  readonly nowMs?: () => number;
}

/** The run that files belong to. */
type SourceRun = Pick<Run, 'workspace' | 'startedAt'>;

/** Texts of functions in local files of the workspace, read when they are first requested. */
export class FunctionSources {
  readonly #options: FunctionSourcesOptions;
  /** By the path as the run names it; the latest used last. */
  readonly #files = new Map<string, LoadedFile>();
  readonly #loading = new Map<string, Promise<void>>();

  constructor(options: FunctionSourcesOptions) {
    this.#options = options;
  }

  /** Returns the view with the source of its selected function as far as it has been read, and reads it otherwise. */
  addTo(view: StackView, { workspace, startedAt }: SourceRun): StackView {
    const { details } = view;
    const called = details && view.functions[details.function];
    if (!details || called?.file === undefined || called.line === undefined) return view;
    const file = this.#files.get(called.file);
    if (!file || this.#nowMs - file.loadedAtMs > maxAgeMs) this.#load(called.file, workspace);
    if (!file?.texts) return view;
    const lines = excerptFunction(file.texts, called.line, details.lines ?? []);
    if (lines.length === 0) return view;
    const source: FunctionSource = { lines, isChanged: file.modifiedMs > Date.parse(startedAt) };
    return { ...view, details: { ...details, source } };
  }

  get #nowMs(): number {
    return this.#options.nowMs?.() ?? performance.now();
  }

  /** Resolves when no file is being read. */
  async whenIdle(): Promise<void> {
    await Promise.all(this.#loading.values());
  }

  #load(file: string, workspace: string): void {
    if (this.#loading.has(file)) return;
    const load = this.#reload(file, workspace).finally(() => this.#loading.delete(file));
    this.#loading.set(file, load);
  }

  async #reload(file: string, workspace: string): Promise<void> {
    const cached = this.#files.get(file);
    const loaded = await this.#read(file, workspace, cached).catch(() => ({ modifiedMs: 0 }));
    this.#files.delete(file);
    this.#files.set(file, { ...loaded, loadedAtMs: this.#nowMs });
    for (const oldest of this.#files.keys()) {
      if (this.#files.size <= maxFiles) break;
      this.#files.delete(oldest);
    }
    if (loaded.modifiedMs !== (cached?.modifiedMs ?? 0)) this.#options.onLoad();
  }

  /** Reads a file, unless it has not changed since it was read. */
  async #read(
    file: string,
    workspace: string,
    cached: LoadedFile | undefined,
  ): Promise<Omit<LoadedFile, 'loadedAtMs'>> {
    const path = await resolveSourceFile(file, workspace, this.#options.folders());
    const stats = await stat(path);
    const modifiedMs = stats.mtimeMs;
    // A pipe would never end, and opening a device can have effects.
    if (!stats.isFile() || stats.size > maxBytes) return { modifiedMs };
    if (cached?.texts && cached.modifiedMs === modifiedMs) return { texts: cached.texts, modifiedMs };
    const text = await readFile(path, 'utf8');
    return text.includes('\0') ? { modifiedMs } : { texts: text.split(/\r\n|[\n\r]/), modifiedMs };
  }
}
