/** Reads go.sum (hashes of all modules that a build may read) and go.mod (required modules). */
import { yieldToLoop } from '../../../process/yield-to-loop.ts';
import type { LockContent, LockEntry } from './lock.ts';

/** Number of lines between two yields to the event loop. */
const linesPerYield = 5000;

/** Ignores hashes of go.mod files, because a module with only such a hash is not part of the build. */
export async function readGoSum(text: string): Promise<LockContent> {
  const entries: LockEntry[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (index % linesPerYield === linesPerYield - 1) await yieldToLoop();
    const [name = '', version = '', hash] = line.trim().split(/\s+/);
    if (name === '') continue;
    if (!version.startsWith('v')) throw new Error(`line ${index + 1} has no version`);
    if (version.endsWith('/go.mod')) continue;
    entries.push({ name, version, origin: 'registry', line: index + 1, ...(hash && { integrity: hash }) });
  }
  return { entries };
}

interface GoRequire {
  readonly name: string;
  readonly version: string;
  readonly indirect: boolean;
  readonly line: number;
}

interface GoReplace {
  readonly name: string;
  /** Folder or other module. */
  readonly target: string;
  /** Undefined for a folder. */
  readonly version?: string;
  readonly line: number;
}

interface GoMod {
  readonly module: string;
  /** Version in the `go` directive. */
  readonly go?: string;
  readonly requires: readonly GoRequire[];
  readonly replaces: readonly GoReplace[];
}

/** Parses the directives of a go.mod file, single or in a block (go.dev/ref/mod). */
export function parseGoMod(text: string): GoMod {
  const requires: GoRequire[] = [];
  const replaces: GoReplace[] = [];
  const otherDirectives = new Map<string, string>();
  let block = '';
  for (const [index, rawLine] of text.split('\n').entries()) {
    const [code = '', comment = ''] = rawLine.split(/\/\/(.*)/);
    const tokens = code
      .trim()
      .split(/\s+/)
      .map((token) => token.replace(/^["`]|["`]$/g, ''));
    if (tokens[0] === ')') block = '';
    else if (tokens[1] === '(') block = tokens[0] ?? '';
    else if (tokens[0] !== '') {
      const [verb = '', ...parts] = block === '' ? tokens : [block, ...tokens];
      const line = index + 1;
      if (verb === 'require') requires.push(requireOf(parts, /^\s*indirect\b/.test(comment), line));
      else if (verb === 'replace') replaces.push(replaceOf(parts, line));
      else otherDirectives.set(verb, parts[0] ?? '');
    }
  }
  const go = otherDirectives.get('go');
  return { module: otherDirectives.get('module') ?? '', ...(go && { go }), requires, replaces };
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
