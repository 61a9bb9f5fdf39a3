import { pathToFileURL } from 'node:url';
import { indexBelow } from '../../exact/syntax/syntax-tree.ts';
import { pathOf } from '../../source/code-owner.ts';
import type { CallFrame } from '../fold-profile.ts';
import { calledName } from './called-name.ts';
import type { OutlinedFunction, SourceOutline } from './source-outline.ts';

/** Gives the outlines of files. */
export interface OutlineSource {
  /** Returns undefined if the code that runs is not known. */
  get(file: string): SourceOutline | undefined;
  importsOf(file: string): readonly string[];
}

/** Function in a file whose outline is known. */
export interface KnownFunction {
  readonly key: string;
  readonly file: string;
  readonly index: number;
  readonly outlined: OutlinedFunction;
}

interface KnownFile {
  readonly outline: SourceOutline;
  readonly functions: readonly KnownFunction[];
  /** Returns the URL by which V8 names the file. */
  readonly url: string;
  /** Functions to which a line belongs, by line. */
  readonly owners: Map<number, readonly KnownFunction[]>;
  hasLoadedImports: boolean;
}

/** Maximum number of functions whose callees and frames are remembered. */
const maxFrames = 20_000;

/** Functions of the files that were sampled, found by position, name and line. Their positions are those of the running code. */
export class KnownFunctions {
  readonly #outlines: OutlineSource;
  readonly #unshift: (file: string, line: number, column: number) => number;
  readonly #files = new Map<string, KnownFile | undefined>();
  readonly #byName = new Map<string, KnownFunction[]>();
  readonly #byPosition = new Map<string, KnownFunction | undefined>();
  /** Frames that V8 has reported, by function. */
  readonly #frames = new Map<string, CallFrame>();
  /** URLs of the files that were read. */
  readonly #urls = new Set<string>();
  #version = 0;

  /** @param unshift returns the column in the file of a column in the instrumented code; both count from 0 */
  constructor(outlines: OutlineSource, unshift: (file: string, line: number, column: number) => number) {
    this.#outlines = outlines;
    this.#unshift = unshift;
  }

  /** Rises when more becomes known. */
  get version(): number {
    return this.#version;
  }

  /** Returns the function of a frame; undefined if its code is not known. Reads its file first, or only if it was read. */
  find(frame: CallFrame, access: 'read' | 'if open' = 'read'): KnownFunction | undefined {
    const { url, lineNumber, columnNumber } = frame;
    if (url === '' || lineNumber < 0 || (access === 'if open' && !this.#urls.has(url))) return undefined;
    this.#urls.add(url);
    const key = `${url}\0${lineNumber}\0${columnNumber}`;
    if (this.#byPosition.has(key)) return this.#byPosition.get(key);
    if (this.#byPosition.size >= maxFrames) return undefined;
    const located = this.#locate(frame);
    this.#byPosition.set(key, located);
    if (located && !this.#frames.has(located.key)) {
      this.#frames.set(located.key, frame);
      this.#version++;
    }
    return located;
  }

  /** Returns the functions that are called by this name. */
  named(name: string): readonly KnownFunction[] {
    return this.#byName.get(name) ?? [];
  }

  /**
   * Returns the functions to which a line belongs: the innermost one that contains all of its text, and those that contain a
   * part of it.
   *
   * @param line counted from 1
   */
  ownersOf(file: string, line: number): readonly KnownFunction[] {
    const opened = this.#files.get(file);
    const [start, end] = opened?.outline.lineTexts[line - 1] ?? [];
    if (!opened || start === undefined || end === undefined) return [];
    const existing = opened.owners.get(line);
    if (existing) return existing;
    const touching = opened.functions.filter(
      ({ outlined }) => outlined.start < Math.max(end, start + 1) && outlined.end > start,
    );
    const isWhole = ({ outlined }: KnownFunction): boolean => outlined.start <= start && outlined.end >= end;
    const innermost = touching.findLast(isWhole);
    const owners = touching.filter((touched) => touched === innermost || !isWhole(touched));
    opened.owners.set(line, owners);
    return owners;
  }

  /** Returns true if a line outside of all functions runs at most once. */
  runsOnce({ file, index }: KnownFunction, line: number): boolean {
    const outline = this.#files.get(file)?.outline;
    const [start = 0, end = 0] = outline?.lineTexts[line - 1] ?? [];
    return index === 0 && !outline?.topLoops.some(([loopStart, loopEnd]) => loopStart < end && loopEnd > start);
  }

  /** Returns the functions that are written directly inside of another one. */
  nestedIn({ file, index }: KnownFunction): readonly KnownFunction[] {
    return this.#files.get(file)?.functions.filter(({ outlined }) => outlined.parent === index) ?? [];
  }

  /** Makes the files known that a file imports. Returns false if they are already. */
  loadImports(file: string): boolean {
    const opened = this.#files.get(file);
    if (!opened || opened.hasLoadedImports) return false;
    opened.hasLoadedImports = true;
    const before = this.#version;
    const usesUrls = opened.url.startsWith('file:');
    for (const path of this.#outlines.importsOf(file)) this.#open(path, usesUrls ? pathToFileURL(path).href : path);
    return this.#version > before;
  }

  /** Returns the frame of a function, as V8 reports it or, if it has not yet, would. */
  frameOf({ key, file, outlined }: KnownFunction): CallFrame {
    const reported = this.#frames.get(key);
    if (reported) return reported;
    const { outline, url } = this.#files.get(file) as KnownFile;
    const lineNumber = indexBelow(outline.lineStarts, outlined.parametersStart + 1);
    const columnNumber = outlined.parametersStart - (outline.lineStarts[lineNumber] ?? 0);
    return { functionName: outlined.name, url, lineNumber, columnNumber };
  }

  /** Returns the line, from 1, at which a function is written. */
  startLineOf({ file, outlined }: KnownFunction): number {
    return indexBelow(this.#files.get(file)?.outline.lineStarts ?? [], outlined.start + 1) + 1;
  }

  #locate({ url, lineNumber, columnNumber }: CallFrame): KnownFunction | undefined {
    const file = pathOf(url);
    const opened = file === undefined ? undefined : this.#open(file, url);
    const lineStart = opened?.outline.lineStarts[lineNumber];
    if (file === undefined || !opened || lineStart === undefined) return undefined;
    const offset = lineStart + this.#unshift(file, lineNumber, columnNumber);
    // The position is between the start of a function and that of its body. The code outside of all functions is at 0.
    return opened.functions.findLast(
      ({ outlined, index }) => outlined.start <= offset && (index === 0 ? offset === 0 : outlined.bodyStart >= offset),
    );
  }

  #open(file: string, url: string): KnownFile | undefined {
    if (this.#files.has(file)) return this.#files.get(file);
    const outline = this.#outlines.get(file);
    const functions = outline?.functions.map((outlined, index) => ({
      key: `${file}\0${index}`,
      file,
      index,
      outlined,
    }));
    const opened = outline && functions && { outline, functions, url, owners: new Map(), hasLoadedImports: false };
    this.#files.set(file, opened);
    this.#urls.add(url);
    if (!functions) return undefined;
    this.#version++;
    for (const added of functions) {
      const name = calledName(added.outlined.name);
      if (name === '') continue;
      const others = this.#byName.get(name);
      if (others) others.push(added);
      else this.#byName.set(name, [added]);
    }
    return opened;
  }
}
