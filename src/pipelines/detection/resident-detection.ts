/** Keeps a result up to date while the process stays: only the files that the host lists are read again. */
import { hashContext } from './breadcrumb-cache.ts';
import { type CachedResult, loadCachedResult } from './cached-result.ts';
import { detect } from './detect.ts';
import type { DetectionOptions } from './detection-options.ts';
import { type SourceFileWithStat, statFiles } from './files/cached-facts.ts';
import { filterFiles, listFiles } from './files/discover-files.ts';
import { DamagedSegmentError } from './files/segment-file.ts';
import { UnitMemory } from './unit-memory.ts';
import { updateResult } from './update-result.ts';
import { writeResult } from './write-result.ts';

interface State {
  readonly result: CachedResult;
  readonly files: SourceFileWithStat[];
  readonly indexes: ReadonlyMap<string, number>;
  readonly memory: UnitMemory;
}

export class ResidentDetection {
  readonly #options: DetectionOptions;
  readonly #stop: Int32Array<SharedArrayBuffer>;
  #state: State | undefined;

  constructor(options: DetectionOptions, stop: Int32Array<SharedArrayBuffer>) {
    this.#options = options;
    this.#stop = stop;
  }

  /** Loads the stored result, so that the first update is as fast as the others. */
  async prepare(): Promise<void> {
    const { cache, workspace } = this.#options;
    if (cache === undefined) return;
    const { names } = await listFiles(workspace);
    const files = statFiles(workspace, filterFiles(names));
    const result = loadCachedResult(cache, workspace, hashContext(workspace, names));
    const isSame =
      result?.rows.length === files.length && result.rows.every(({ name }, index) => files[index]?.name === name);
    if (!result || !isSame) return;
    this.#state = {
      result,
      files,
      indexes: new Map(files.map(({ name }, index) => [name, index])),
      memory: new UnitMemory(),
    };
  }

  /**
   * Updates the result after these files have changed. If the change affects more than source files of the last run, everything is
   * checked. Returns a one-line summary.
   */
  async update(names: readonly string[]): Promise<string> {
    const text = await this.#updateFiles(names);
    if (text !== undefined) return text;
    const summary = await detect({ ...this.#options, cold: false, changed: 0 }, this.#stop);
    await this.prepare();
    return summary;
  }

  async #updateFiles(names: readonly string[]): Promise<string | undefined> {
    const state = this.#state;
    const { cache, workspace, result: path } = this.#options;
    if (!state || cache === undefined) return undefined;
    const positions = names.map((name) => state.indexes.get(name));
    const fresh = statFiles(workspace, filterFiles(names));
    if (positions.includes(undefined) || fresh.length !== names.length) return undefined;
    const files = [...state.files];
    for (const file of fresh) files[state.indexes.get(file.name) as number] = file;
    try {
      const input = { cache, workspace, files, stop: this.#stop, memory: state.memory };
      const result = await updateResult(input, state.result, positions as number[]);
      if (!result) return undefined;
      this.#state = { ...state, result, files };
      if (path !== undefined) await writeResult(path, [...result.data.readAll(result.rows.map((row) => row.result))]);
      return `${result.read} of ${names.length} files were read again`;
    } catch (error) {
      if (error instanceof DamagedSegmentError) return undefined;
      throw error;
    }
  }
}
