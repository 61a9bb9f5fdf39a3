/** go.sum: hashes of every module that the build may read; and what go.mod asks for. */
import { type Content, type Entry, turn } from './lock.ts';

const stretch = 5000;

/** A module has a hash of its content and one of its go.mod; where only the latter stands, its code is not used. */
export async function readGoSum(text: string): Promise<Content> {
  const entries: Entry[] = [];
  for (const [at, line] of text.split('\n').entries()) {
    if (at % stretch === stretch - 1) await turn();
    const [name = '', version = '', hash] = line.trim().split(/\s+/);
    if (name === '') continue;
    if (!version.startsWith('v')) throw new Error(`line ${at + 1} names no version`);
    if (version.endsWith('/go.mod')) continue;
    entries.push({ name, version, origin: 'registry', line: at + 1, ...(hash && { integrity: hash }) });
  }
  return { entries };
}

export interface GoRequire {
  readonly name: string;
  readonly version: string;
  readonly indirect: boolean;
  readonly line: number;
}

export interface GoReplace {
  readonly name: string;
  /** Folder or other module. */
  readonly target: string;
  /** None for a folder. */
  readonly version?: string;
  readonly line: number;
}

export interface GoMod {
  readonly module: string;
  /** Of the `go` directive. */
  readonly go?: string;
  readonly requires: readonly GoRequire[];
  readonly replaces: readonly GoReplace[];
}

/** Directives of a go.mod, alone or in a block (go.dev/ref/mod). */
export function goModIn(text: string): GoMod {
  const requires: GoRequire[] = [];
  const replaces: GoReplace[] = [];
  const heads = new Map<string, string>();
  let block = '';
  for (const [at, whole] of text.split('\n').entries()) {
    const [code = '', comment = ''] = whole.split(/\/\/(.*)/);
    const words = code
      .trim()
      .split(/\s+/)
      .map((word) => word.replace(/^["`]|["`]$/g, ''));
    if (words[0] === ')') block = '';
    else if (words[1] === '(') block = words[0] ?? '';
    else if (words[0] !== '') {
      const [verb = '', ...parts] = block === '' ? words : [block, ...words];
      const line = at + 1;
      if (verb === 'require') requires.push(requireOf(parts, /^\s*indirect\b/.test(comment), line));
      else if (verb === 'replace') replaces.push(replaceOf(parts, line));
      else heads.set(verb, parts[0] ?? '');
    }
  }
  const go = heads.get('go');
  return { module: heads.get('module') ?? '', ...(go && { go }), requires, replaces };
}

const requireOf = ([name = '', version = '']: readonly string[], indirect: boolean, line: number): GoRequire => ({
  name,
  version,
  indirect,
  line,
});

function replaceOf(parts: readonly string[], line: number): GoReplace {
  const [target = '', version] = parts.slice(parts.indexOf('=>') + 1);
  return { name: parts[0] ?? '', target, ...(version && { version }), line };
}
