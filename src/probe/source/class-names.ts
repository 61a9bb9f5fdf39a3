import { indexBelow, lineStartsOf } from '../exact/syntax/syntax-tree.ts';
import { type ClassBodies, findClassBodies } from './find-class-bodies.ts';
import { readSourceText } from './read-source-map.ts';

/** Maximum length of a file in which classes are searched, and of all such files. */
const maxFileLength = 512 * 1024;
const maxTotalLength = 4 * 1024 * 1024;

interface SearchedFile extends ClassBodies {
  readonly lineStarts: readonly number[];
}

/** Finds the class of a method, which V8 does not report. */
export class ClassNames {
  readonly #files = new Map<string, SearchedFile | undefined>();
  #remainingLength = maxTotalLength;

  /**
   * Adds the class to the name that V8 reports for a function, if the function is a member of a class.
   * @param line counted from 1
   * @param column counted from 0
   */
  qualify(functionName: string, file: string, line: number, column: number): string {
    if (functionName === '') return functionName;
    const className = this.#classAt(file, line, column);
    if (className === '' || functionName === className) return functionName;
    // V8 has names such as `<static_initializer>` for code without a function.
    return functionName.startsWith('<') ? className : `${className}.${functionName}`;
  }

  #classAt(file: string, line: number, column: number): string {
    const searched = this.#search(file);
    const lineStart = searched?.lineStarts[line - 1];
    if (!searched || lineStart === undefined) return '';
    return searched.classNames[indexBelow(searched.offsets, lineStart + column + 1)] ?? '';
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
      if (code.length > maxFileLength || !/\bclass\b/.test(code)) return undefined;
      const bodies = findClassBodies(code);
      return bodies && { ...bodies, lineStarts: lineStartsOf(code) };
    } catch {
      return undefined;
    }
  }
}
