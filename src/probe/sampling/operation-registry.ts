import { basename } from 'node:path';
import type { Definition } from '../../protocol/batch/batch.ts';
import { maxTextLength } from '../../protocol/schema.ts';
import type { InstrumentedFunction } from '../exact/file-instrumenter.ts';
import { type ColumnShift, originalColumn } from '../exact/syntax/source-edits.ts';
import type { CodePosition } from '../preload/cache-lookups.ts';
import { cleanText, maxNameLength } from '../record/clean-text.ts';
import { CodeOwner, pathOf } from '../source/code-owner.ts';
import type { SourceMaps } from '../source/source-maps.ts';
import { SourceNames } from '../source/source-names.ts';
import type { CallFrame } from './fold-profile.ts';

/** Maximum number of user-code functions with their own name; further ones are counted together. */
const maxOperations = 3000;
/** Maximum number of other functions with their own name; further ones are counted together with others of their owner. */
const maxForeignOperations = 2000;
/** Lower IDs belong to operations that the program itself records through the probe API. */
const firstId = 1_000_000;
const functionsComponent = 'functions';
const otherFunctions = '(other functions)';

type ForeignFrame = Pick<CallFrame, 'functionName' | 'url' | 'lineNumber'>;

interface FunctionLocation {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
}

/** Operations of one thread: gives each function an ID. */
export class OperationRegistry {
  readonly #codeOwner: CodeOwner;
  readonly #sourceMaps: SourceMaps;
  readonly #sourceNames: SourceNames;
  readonly #idsByKey = new Map<string, number>();
  readonly #idsByFrame = new Map<string, number>();
  /** Operations of exactly timed functions by their position in the running code, whatever name the sampler gives them. */
  readonly #idsByPosition = new Map<string, number>();
  readonly #columnShifts = new Map<string, readonly ColumnShift[]>();
  /** Files of the functions that have one. */
  readonly #files = new Map<number, string>();
  #foreignCount = 0;
  #newDefinitions: Definition[] = [];

  constructor(codeOwner: CodeOwner, sourceMaps: SourceMaps, sourceNames = new SourceNames()) {
    this.#codeOwner = codeOwner;
    this.#sourceMaps = sourceMaps;
    this.#sourceNames = sourceNames;
  }

  /** Sets how instrumentation has shifted the columns of a file, so that positions are mapped back. */
  setColumnShifts(file: string, shifts: readonly ColumnShift[]): void {
    this.#columnShifts.set(file, shifts);
  }

  /** Lets samples of a function at this position of a file count for the operation of the function. */
  placeFunction(file: string, instrumented: InstrumentedFunction): void {
    const [line, column] = instrumented.position;
    this.#idsByPosition.set(`${file}\0${line}\0${column}`, this.idOfInstrumented(instrumented));
  }

  /** Returns the operation of an exactly timed function. */
  idOfInstrumented({ name, file, line, column }: InstrumentedFunction): number {
    return this.idOfFunction(this.#sourceNames.rename(name, file, line, column), { file, line });
  }

  /** Returns the operation of a stack frame, or undefined if the frame is not reported. */
  idOfFrame(frame: CallFrame): number | undefined {
    const { functionName, url, lineNumber, columnNumber } = frame;
    if (url === '' && (functionName === '(idle)' || functionName === '(root)')) return undefined;
    // Either can be as long as the code itself: the URL of a `data:` module, or a computed name.
    const place = `${cleanText(url, maxTextLength)}\0${lineNumber}\0${columnNumber}`;
    const key = `${place}\0${cleanText(functionName, maxNameLength)}`;
    const cached = this.#idsByFrame.get(key);
    if (cached !== undefined) return cached;
    const id = this.#resolveFrame(frame);
    if (this.#idsByFrame.size < 10 * maxOperations) this.#idsByFrame.set(key, id);
    return id;
  }

  /** Returns the column of a file that is at a column of its instrumented code. All positions count from 0. */
  unshiftedColumn(file: string, line: number, column: number): number {
    return originalColumn(this.#columnShifts.get(file) ?? [], line, column);
  }

  /**
   * Returns the line in its original source at which a function ran, from 1; 0 if it is not known.
   *
   * @param id operation of the function
   * @param line counted from 1 in the running code, as is `column`, which is 0 if it is not known
   */
  lineOf(id: number, { url }: CallFrame, line: number, column: number): number {
    const functionFile = this.#files.get(id);
    const file = pathOf(url);
    if (functionFile === undefined || file === undefined || line <= 0) return 0;
    if (!this.#codeOwner.isUserCode(file)) return file === functionFile ? line : 0;
    const unshifted = column > 0 ? this.unshiftedColumn(file, line - 1, column - 1) : undefined;
    return this.#sourceMaps.originalLine(file, line - 1, unshifted, functionFile);
  }

  /** Returns the operation of the function at a location; `functionName` may include its class. */
  idOfFunction(functionName: string, { file, line }: FunctionLocation): number {
    const location = { file, line };
    const shortName = cleanText(functionName, maxNameLength) ?? '';
    if (file.length > maxTextLength) return this.idOfName(shortName);
    const name = shortName === '' ? `(anonymous ${basename(file)}:${line})` : shortName;
    // Sampling and exact timing may disagree on the class of a function, but not on its line and the last part of its name.
    const key = `${file}\0${line}\0${name.split('.').at(-1)}`;
    return this.#idsByKey.get(key) ?? this.#define(key, name, location);
  }

  /** Returns the operation of something else than a function, such as a cache, at a position in the running code. */
  idOfPosition(name: string, { file, line, column }: CodePosition): number {
    const unshifted = originalColumn(this.#columnShifts.get(file) ?? [], line, column);
    const original = this.#sourceMaps.originalFunction(file, line, unshifted, name);
    return this.idOfFunction(name, { file: original.file, line: original.line });
  }

  /** Returns the operation with this name, which has no location. */
  idOfName(name: string): number {
    const shortName = cleanText(name, maxNameLength) ?? '';
    return this.#idsByKey.get(shortName) ?? this.#define(shortName, shortName);
  }

  /** Returns the operations defined since the previous call. */
  drain(): readonly Definition[] {
    const definitions = this.#newDefinitions;
    this.#newDefinitions = [];
    return definitions;
  }

  #resolveFrame({ functionName, url, lineNumber, columnNumber }: CallFrame): number {
    if (url === '' && functionName.startsWith('(')) return this.idOfName(functionName);
    const file = pathOf(url);
    if (!file || !this.#codeOwner.isUserCode(file)) return this.#idOfForeign({ functionName, url, lineNumber }, file);
    const isTopLevel = lineNumber <= 0 && columnNumber <= 0 && (functionName === '' || functionName === '(anonymous)');
    if (isTopLevel) return this.idOfFunction(`(top level of ${basename(file)})`, { file, line: 1 });
    const column = originalColumn(this.#columnShifts.get(file) ?? [], lineNumber, columnNumber);
    const placed = this.#idsByPosition.get(`${file}\0${lineNumber}\0${column}`);
    if (placed !== undefined) return placed;
    const original = this.#sourceMaps.originalFunction(file, lineNumber, column, functionName);
    return this.idOfFunction(
      this.#sourceNames.qualify(original.name, original.file, original.line, original.column),
      original,
    );
  }

  /** Returns the operation of a function that is not user code. Its component is its owner, such as a package. */
  #idOfForeign(frame: ForeignFrame, file: string | undefined): number {
    const owner = this.#codeOwner.groupNameOf(frame.url);
    if (owner === CodeOwner.probeGroup) return this.idOfName(owner);
    const name = cleanText(foreignName(frame, file), maxNameLength) ?? '';
    const location =
      file === undefined || file.length > maxTextLength ? undefined : { file, line: Math.max(0, frame.lineNumber) + 1 };
    const key = [owner, name, location?.file, location?.line].join('\0');
    const existing = this.#idsByKey.get(key);
    if (existing !== undefined) return existing;
    if (this.#foreignCount >= maxForeignOperations) return this.idOfName(owner);
    this.#foreignCount++;
    return this.#add(key, { component: owner, name, ...location });
  }

  #define(key: string, name: string, location?: FunctionLocation): number {
    const userCount = this.#idsByKey.size - this.#foreignCount;
    if (userCount >= maxOperations && key !== otherFunctions) return this.idOfName(otherFunctions);
    return this.#add(key, { component: functionsComponent, name, ...location });
  }

  #add(key: string, { name, ...rest }: Omit<Definition, 'id' | 'kind'>): number {
    const id = firstId + this.#idsByKey.size;
    this.#idsByKey.set(key, id);
    if (rest.file !== undefined) this.#files.set(id, rest.file);
    this.#newDefinitions.push({
      id,
      ...rest,
      name: name.slice(0, maxNameLength),
      kind: 'function',
    });
    return id;
  }
}

/** Prefix of the names that V8 gives to compiled regular expressions. */
const regExpPrefix = 'RegExp: ';

/** Returns the name of a function that is not user code. Without a file, the name says where the function is. */
function foreignName({ functionName, url, lineNumber }: ForeignFrame, file: string | undefined): string {
  if (functionName.startsWith(regExpPrefix)) return `${regExpPrefix}/${functionName.slice(regExpPrefix.length)}/`;
  const place = file === undefined ? url : basename(file);
  const isTopLevel = lineNumber <= 0 && (functionName === '' || functionName === '(anonymous)');
  if (isTopLevel) return place === '' ? '(anonymous)' : `(top level of ${place})`;
  if (functionName === '') return `(anonymous ${place}:${lineNumber + 1})`;
  return file === undefined && url !== '' ? `${functionName} ${url}` : functionName;
}
