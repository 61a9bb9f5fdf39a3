import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';
import { findSourceMapUrl } from './source-map-url.ts';

interface OriginalPosition {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** Name before minification, if the source map has it. */
  readonly name?: string;
}

/** Larger files are not searched for a source map. */
const maxFileBytes = 32 * 1024 * 1024;
const maxMaps = 5000;

/** Maps positions of running code to the user's source: with inline maps, maps beside the file, and maps of loaders. */
export class SourceMaps {
  /** Undefined for files without a source map. */
  readonly #maps = new Map<string, TraceMap | undefined>();
  readonly #workspace: string;

  constructor(workspace: string) {
    this.#workspace = workspace;
  }

  /** Adds the source map of code that a loader generated for this file; `url` is a data URL or a path. */
  add(file: string, url: string): void {
    if (this.#maps.size < maxMaps) this.#maps.set(file, loadSourceMap(file, url));
  }

  /** Maps a position whose `line` and `column` count from 0. Without a source map, returns the position itself. */
  originalPosition(file: string, line: number, column: number): OriginalPosition {
    const map = this.#mapOf(file);
    const position = map && originalPositionFor(map, { line: line + 1, column });
    const source = position?.source && this.#locate(position.source);
    if (!position?.line || !source) return { file, line: line + 1 };
    return { file: source, line: position.line, ...(position.name ? { name: position.name } : {}) };
  }

  /** Returns the source files that a file was compiled from. */
  sourcesOf(file: string): readonly string[] {
    return (this.#mapOf(file)?.resolvedSources ?? []).flatMap((source) => (source && this.#locate(source)) ?? []);
  }

  #mapOf(file: string): TraceMap | undefined {
    if (this.#maps.has(file)) return this.#maps.get(file);
    const map = readSourceMapOf(file);
    if (this.#maps.size < maxMaps) this.#maps.set(file, map);
    return map;
  }

  #locate(source: string): string | undefined {
    try {
      if (source.startsWith('file:')) return fileURLToPath(source);
      // webpack names sources with its own scheme: webpack://name/./src/a.ts
      const path = /^webpack:\/\/[^/]*\/(.+)$/.exec(source)?.[1];
      const file = path && join(this.#workspace, path.split('?')[0] ?? '');
      return file && existsSync(file) ? file : undefined;
    } catch {
      return undefined;
    }
  }
}

function readSourceMapOf(file: string): TraceMap | undefined {
  try {
    if (statSync(file).size > maxFileBytes) return undefined;
    const url = findSourceMapUrl(readFileSync(file, 'utf8'));
    return url === undefined ? undefined : loadSourceMap(file, url);
  } catch {
    return undefined;
  }
}

function loadSourceMap(file: string, url: string): TraceMap | undefined {
  try {
    const inline = /^data:[^,]*?(;base64)?,(.*)$/s.exec(url);
    if (inline) {
      const text = inline[1] ? Buffer.from(inline[2] ?? '', 'base64').toString() : decodeURIComponent(inline[2] ?? '');
      return new TraceMap(text, pathToFileURL(file).href);
    }
    const path = url.startsWith('file:') ? fileURLToPath(url) : resolve(dirname(file), decodeURIComponent(url));
    return new TraceMap(readFileSync(path, 'utf8'), pathToFileURL(path).href);
  } catch {
    return undefined;
  }
}
