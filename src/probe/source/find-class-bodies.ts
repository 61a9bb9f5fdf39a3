import type { SourceTokens } from './source-tokens.ts';

/** A class header that has been read up to its body. */
interface Header {
  readonly name: string;
  /** Bracket around the class. */
  readonly parent: number;
  /** Number of open angle brackets: type parameters may contain braces. */
  angles: number;
}

/** Places in a text where another bracket becomes the innermost one. */
export interface ClassBodies {
  /** Offsets in ascending order. */
  readonly offsets: readonly number[];
  /** Name of the class if the innermost bracket from there on is a class body; otherwise the empty string. */
  readonly classNames: readonly string[];
}

/** Finds the bodies of classes. */
export function findClassBodies({ code, starts, ends, partners, parents }: SourceTokens): ClassBodies {
  const [offsets, classNames]: [number[], string[]] = [[], []];
  /** Class whose body an opening bracket begins. */
  const classOf = new Map<number, string>();
  let header: Header | undefined;
  let previous = '';
  for (let index = 0; index < starts.length; index++) {
    const start = starts[index] as number;
    const end = ends[index] as number;
    const text = code.slice(start, Math.min(end, start + 'class'.length + 1));
    const parent = parents[index] as number;
    const partner = partners[index] as number;
    if (partner > index) {
      const isBody = text === '{' && header?.parent === parent && header.angles <= 0;
      const className = isBody ? (header?.name ?? '') : '';
      classOf.set(index, className);
      offsets.push(end);
      classNames.push(className);
      if (isBody) header = undefined;
    } else if (partner >= 0) {
      offsets.push(end);
      classNames.push(classOf.get(parent) ?? '');
    } else if (text === 'class' && previous !== '.') header = readHeader(code, start, parent) ?? header;
    else if (header && text === '<') header.angles++;
    else if (header && text === '>') header.angles--;
    previous = text;
  }
  return { offsets, classNames };
}

/** Returns the header of the class whose keyword is at this offset; undefined if the word is not a keyword there. */
function readHeader(code: string, start: number, parent: number): Header | undefined {
  const after =
    /^class(?:\s+(?!extends\b|implements\b)([\p{ID_Start}$_][\p{ID_Continue}$]*)|\s*(?=\{|<)|\s+(?=extends\b|implements\b))/u.exec(
      code.slice(start, start + 300),
    );
  if (!after) return undefined;
  const before = code.slice(Math.max(0, start - 200), start);
  const assigned =
    /([\p{ID_Continue}$.#]+)\s*[=:]\s*$/u.exec(before)?.[1] ?? (/\bexport\s+default\s*$/.test(before) ? 'default' : '');
  return { name: after[1] ?? assigned, parent, angles: 0 };
}
