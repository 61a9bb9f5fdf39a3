import { basename } from 'node:path';
import { indexBelow, lineStartsOf } from '../exact/syntax/syntax-tree.ts';
import { type CallbackName, computedKeyPattern, findCallbackNames } from './find-callback-names.ts';
import { type ClassBodies, findClassBodies } from './find-class-bodies.ts';
import { readSourceText } from './read-source-map.ts';
import { readSourceTokens } from './source-tokens.ts';

/** Maximum length of a file in which names are searched, and of all such files. */
const maxFileLength = 512 * 1024;
const maxTotalLength = 4 * 1024 * 1024;

interface SearchedFile {
  readonly lineStarts: readonly number[];
  /** True if the name of a function may be computed. */
  readonly hasComputedKeys: boolean;
  /** Undefined if the file has no class. */
  readonly classes: ClassBodies | undefined;
  /** Anonymous functions by the offset of their parameters; undefined until the first of them is looked up. */
  callbacks: { readonly offsets: readonly number[]; readonly names: readonly CallbackName[] } | undefined;
}

/** Finds names that V8 does not report: the class of a method, and what an anonymous function is passed to. */
export class SourceNames {
  readonly #files = new Map<string, SearchedFile | undefined>();
  #remainingLength = maxTotalLength;

  /**
   * Adds the class to the name that V8 reports for a function, if the function is a member of a class. A function without a
   * name in the code is named as by `rename`.
   * @param line counted from 1
   * @param column counted from 0
   */
  qualify(functionName: string, file: string, line: number, column: number): string {
    const unnamed = this.#unnamedAt(functionName, file, line, column);
    if (unnamed) return this.#nameOf(unnamed, file, line, column);
    return functionName === '' ? '' : this.#addClass(functionName, file, line, column);
  }

  /**
   * Returns the name of a function without a name in the code, such as `sort comparator in rank`, and the code of a name that
   * the program computes, such as `[key]`, so that it is the same in every run. Other functions keep their name.
   * @param line counted from 1
   * @param column counted from 0
   */
  rename(functionName: string, file: string, line: number, column: number): string {
    const unnamed = this.#unnamedAt(functionName, file, line, column);
    return unnamed ? this.#nameOf(unnamed, file, line, column) : functionName;
  }

  #nameOf({ name, isComputed }: CallbackName, file: string, line: number, column: number): string {
    return isComputed ? this.#addClass(name, file, line, column) : name;
  }

  #addClass(name: string, file: string, line: number, column: number): string {
    const className = this.#classAt(file, line, column);
    if (className === '' || name === className) return name;
    // V8 has names such as `<static_initializer>` for code without a function.
    return name.startsWith('<') ? className : `${className}.${name}`;
  }

  #classAt(file: string, line: number, column: number): string {
    const searched = this.#search(file);
    const lineStart = searched?.lineStarts[line - 1];
    if (!searched?.classes || lineStart === undefined) return '';
    return classNameBefore(searched.classes, lineStart + column + 1);
  }

  /** Returns the function at a place if it has no name in the code; V8 may report a name for it nevertheless. */
  #unnamedAt(functionName: string, file: string, line: number, column: number): CallbackName | undefined {
    const searched = this.#search(file);
    const lineStart = searched?.lineStarts[line - 1];
    if (!searched || lineStart === undefined || (functionName !== '' && !searched.hasComputedKeys)) return undefined;
    searched.callbacks ??= this.#readCallbacks(file, searched.classes);
    const { offsets, names } = searched.callbacks;
    const offset = lineStart + column;
    const next = names[indexBelow(offsets, offset) + 1];
    if (!next || (functionName !== '' && !next.isComputed)) return undefined;
    if (next.start <= offset) return next;
    // A source map may lead to a place shortly before the function.
    const lineEnd = searched.lineStarts[line] ?? Number.POSITIVE_INFINITY;
    return functionName === '' && next.start < lineEnd ? next : undefined;
  }

  #search(file: string): SearchedFile | undefined {
    if (this.#files.has(file)) return this.#files.get(file);
    const searched = this.#remainingLength > 0 ? this.#read(file) : undefined;
    this.#files.set(file, searched);
    return searched;
  }

  #read(file: string): SearchedFile | undefined {
    try {
      const code = readSourceText(file);
      this.#remainingLength -= code.length;
      if (code.length > maxFileLength) return undefined;
      const tokens = /\bclass\b/.test(code) ? readSourceTokens(code) : undefined;
      return {
        lineStarts: lineStartsOf(code),
        hasComputedKeys: computedKeyPattern.test(code),
        classes: tokens && findClassBodies(tokens),
        callbacks: undefined,
      };
    } catch {
      return undefined;
    }
  }

  /** Reads the file again, because most files have no anonymous function that takes time. */
  #readCallbacks(file: string, classes: ClassBodies | undefined): NonNullable<SearchedFile['callbacks']> {
    const classNameAt = (offset: number): string => (classes ? classNameBefore(classes, offset + 2) : '');
    try {
      const tokens = readSourceTokens(readSourceText(file));
      const names = tokens ? findCallbackNames(tokens, basename(file), classNameAt) : [];
      return { offsets: names.map(({ parameters }) => parameters), names };
    } catch {
      return { offsets: [], names: [] };
    }
  }
}

/** Returns the class whose body is the innermost bracket in front of an offset, or the empty string. */
function classNameBefore({ offsets, classNames }: ClassBodies, offset: number): string {
  return classNames[indexBelow(offsets, offset)] ?? '';
}
