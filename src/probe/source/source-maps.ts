import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodedMappings, originalPositionFor, type TraceMap } from '@jridgewell/trace-mapping';
import { findOriginalName } from './original-name.ts';
import { readSourceMap, readSourceText, unnamedSource } from './read-source-map.ts';
import { findSourceMapUrl } from './source-map-url.ts';

interface OriginalFunction {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 0. */
  readonly column: number;
  readonly name: string;
}

interface SourcePosition {
  readonly source: string;
  readonly line: number;
  readonly column: number;
}

const maxMaps = 5000;
const maxLine = 10_000_000;
/** Compilers join the lines of a statement. A running line that stands for more is code that was made small. */
const maxJoinedLines = 3;

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
    if (this.#maps.size < maxMaps) this.#maps.set(file, readSourceMap(file, url));
  }

  /**
   * Maps a function whose `line` and `column` count from 0. Without a source map, returns the position itself.
   * @param functionName name in the running code; replaced by the name before minification if the source map has it
   */
  originalFunction(file: string, line: number, column: number, functionName: string): OriginalFunction {
    const position = this.#positionIn(file, line, column);
    const source = position?.source && this.#locate(position.source);
    if (!position || !source) return { file, line: line + 1, column, name: functionName };
    const originalName = this.#originalName(file, line, column, functionName);
    return { file: source, line: position.line, column: position.column, name: originalName ?? functionName };
  }

  /**
   * Returns the line of a source file, from 1, that a position in running code was compiled from; 0 if it is another file or
   * not known. Without a column, the line is known if the running one stands for few lines.
   *
   * @param line counted from 0, as is `column`
   * @param source file of the function that contains the position
   */
  originalLine(file: string, line: number, column: number | undefined, source: string): number {
    const position = column === undefined ? this.#positionOfLine(file, line) : this.#positionIn(file, line, column);
    if (position && this.#locate(position.source) === source) return position.line;
    return file === source && !this.sourcesOf(file).includes(file) ? line + 1 : 0;
  }

  /** Returns the source files that a file was compiled from. */
  sourcesOf(file: string): readonly string[] {
    return (this.#mapOf(file)?.resolvedSources ?? []).flatMap((source) => (source && this.#locate(source)) ?? []);
  }

  /** Looks a position up. The mappings are decoded only now, and may turn out to be malformed. */
  #positionIn(file: string, line: number, column: number): SourcePosition | undefined {
    const map = this.#mapOf(file);
    if (!map || line < 0 || column < 0) return undefined;
    try {
      const {
        source,
        line: originalLine,
        column: originalColumn,
      } = originalPositionFor(map, { line: line + 1, column });
      const isValid = typeof source === 'string' && originalLine && originalLine > 0 && originalLine <= maxLine;
      return isValid ? { source, line: originalLine, column: originalColumn ?? 0 } : undefined;
    } catch {
      this.#maps.set(file, undefined);
      return undefined;
    }
  }

  /** Returns the first position of a running line, if all of it comes from lines that are close together. */
  #positionOfLine(file: string, line: number): SourcePosition | undefined {
    const map = this.#mapOf(file);
    if (!map || line < 0) return undefined;
    try {
      const segments = (decodedMappings(map)[line] ?? []).filter((segment) => segment.length > 1);
      const [first] = segments;
      if (!first || first.length === 1) return undefined;
      const [, source, original] = first;
      const isClose = segments.every(
        (segment) => segment[1] === source && Math.abs((segment[2] ?? 0) - original) <= maxJoinedLines,
      );
      return isClose ? this.#positionIn(file, line, first[0]) : undefined;
    } catch {
      this.#maps.set(file, undefined);
      return undefined;
    }
  }

  #originalName(file: string, line: number, column: number, functionName: string): string | undefined {
    const map = this.#mapOf(file);
    return map && findOriginalName(map, line, column, functionName);
  }

  #mapOf(file: string): TraceMap | undefined {
    if (this.#maps.has(file)) return this.#maps.get(file);
    const map = readSourceMapOf(file);
    if (this.#maps.size < maxMaps) this.#maps.set(file, map);
    return map;
  }

  #locate(source: string): string | undefined {
    if (source.includes(unnamedSource)) return undefined;
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
    const url = findSourceMapUrl(readSourceText(file));
    return url === undefined ? undefined : readSourceMap(file, url);
  } catch {
    return undefined;
  }
}
