/** Finds the user's own line behind a line that runs: through source maps, inline or beside the file, and those that loaders made. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';
import { referenceIn } from './source-map-url.ts';

export interface Origin {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** The name before it was shortened, where the map tells it. */
  readonly name?: string;
}

/** Larger files are taken as they are. */
const longestFile = 32 * 1024 * 1024;
const mapsKept = 5000;
export class Origins {
  readonly #maps = new Map<string, TraceMap | undefined>();
  readonly #workspace: string;

  constructor(workspace: string) {
    this.#workspace = workspace;
  }

  /** A loader made this file's code, with this reference to a map. */
  learn(file: string, told: string): void {
    if (this.#maps.size < mapsKept) this.#maps.set(file, load(file, told));
  }

  /** `line` and `column` from 0. */
  of(file: string, line: number, column: number): Origin {
    const map = this.#mapOf(file);
    const found = map && originalPositionFor(map, { line: line + 1, column });
    const source = found?.source && this.#locate(found.source);
    if (!found?.line || !source) return { file, line: line + 1 };
    return { file: source, line: found.line, ...(found.name ? { name: found.name } : {}) };
  }

  /** Files of which this one was made. */
  sourcesOf(file: string): readonly string[] {
    return (this.#mapOf(file)?.resolvedSources ?? []).flatMap((source) => (source && this.#locate(source)) ?? []);
  }

  #mapOf(file: string): TraceMap | undefined {
    if (this.#maps.has(file)) return this.#maps.get(file);
    const map = read(file);
    if (this.#maps.size < mapsKept) this.#maps.set(file, map);
    return map;
  }

  #locate(source: string): string | undefined {
    try {
      if (source.startsWith('file:')) return fileURLToPath(source);
      // Bundlers name sources by a scheme of their own: webpack://name/./src/a.ts
      const inside = /^webpack:\/\/[^/]*\/(.+)$/.exec(source)?.[1];
      const file = inside && join(this.#workspace, inside.split('?')[0] ?? '');
      return file && existsSync(file) ? file : undefined;
    } catch {
      return undefined;
    }
  }
}

function read(file: string): TraceMap | undefined {
  try {
    if (statSync(file).size > longestFile) return undefined;
    const told = referenceIn(readFileSync(file, 'utf8'));
    return told === undefined ? undefined : load(file, told);
  } catch {
    return undefined;
  }
}

function load(file: string, told: string): TraceMap | undefined {
  try {
    const inline = /^data:[^,]*?(;base64)?,(.*)$/s.exec(told);
    if (inline) {
      const text = inline[1] ? Buffer.from(inline[2] ?? '', 'base64').toString() : decodeURIComponent(inline[2] ?? '');
      return new TraceMap(text, pathToFileURL(file).href);
    }
    const path = told.startsWith('file:') ? fileURLToPath(told) : resolve(dirname(file), decodeURIComponent(told));
    return new TraceMap(readFileSync(path, 'utf8'), pathToFileURL(path).href);
  } catch {
    return undefined;
  }
}
