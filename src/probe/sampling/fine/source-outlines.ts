import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire, stripTypeScriptTypes } from 'node:module';
import { dirname, extname, join, resolve } from 'node:path';
import type { SourceMaps } from '../../source/source-maps.ts';
import type * as OutlineModule from './source-outline.ts';
import type { SourceOutline } from './source-outline.ts';

/** Maximum size of a file that is parsed, and of all such files together. */
const maxFileBytes = 256 * 1024;
const maxTotalBytes = 16 * 1024 * 1024;
/** Time after which no more files are parsed. A program waits at most 1 s at its end, and must not lose its last report. */
const maxTotalMs = 400;
const maxImports = 50;
/** Extensions that an import may leave out, or write instead of that of the file. */
const extensions = ['', '.js', '.mjs', '.cjs', '.ts', '/index.js'];

/** Outlines of the source files whose functions were sampled, each parsed once, on the sampler's thread. */
export class SourceOutlines {
  readonly #sourceMaps: SourceMaps;
  readonly #outlines = new Map<string, SourceOutline | undefined>();
  #remainingBytes = maxTotalBytes;
  #parsedMs = 0;
  #module: typeof OutlineModule | undefined;

  constructor(sourceMaps: SourceMaps) {
    this.#sourceMaps = sourceMaps;
  }

  /**
   * Returns the outline of the code that runs for a file; undefined if it is not known: for files that cannot be parsed, that
   * are too large, or that a loader has compiled in memory.
   */
  get(file: string): SourceOutline | undefined {
    if (this.#outlines.has(file)) return this.#outlines.get(file);
    const startMs = performance.now();
    const outline = this.#parsedMs < maxTotalMs ? this.#read(file) : undefined;
    this.#parsedMs += performance.now() - startMs;
    this.#outlines.set(file, outline);
    return outline;
  }

  /** Returns the files of the workspace that a file imports with a relative path. */
  importsOf(file: string): readonly string[] {
    const imports = this.#outlines.get(file)?.imports ?? [];
    return imports.slice(0, maxImports).flatMap((path) => {
      const target = resolve(dirname(file), path);
      return extensions.map((extension) => target + extension).find((name) => isFile(name)) ?? [];
    });
  }

  #read(file: string): SourceOutline | undefined {
    try {
      const { size } = statSync(file);
      if (size > maxFileBytes || size > this.#remainingBytes || !isFile(file)) return undefined;
      if (this.#sourceMaps.sourcesOf(file).includes(file)) return undefined;
      this.#remainingBytes -= size;
      const code = codeOf(file);
      return code === undefined ? undefined : this.#loadModule().outlineSource(code);
    } catch {
      return undefined;
    }
  }

  /** Loads the parser only when it is needed. */
  #loadModule(): typeof OutlineModule {
    this.#module ??= createRequire(__filename)(join(__dirname, 'outline.cjs')) as typeof OutlineModule;
    return this.#module;
  }
}

/** Returns the code that Node runs for a file. It replaces TypeScript's types with spaces, so that positions stay. */
function codeOf(file: string): string | undefined {
  const text = readFileSync(file, 'utf8');
  if (!/^\.[cm]?ts$/.test(extname(file))) return text;
  // Older versions of Node run TypeScript only through a loader.
  if (typeof stripTypeScriptTypes !== 'function') return undefined;
  // It warns that it is experimental. This thread belongs to the probe, which prints nothing.
  process.emitWarning = () => undefined;
  return stripTypeScriptTypes(text);
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}
