/** Reads one file and finds its facts: the unit of work of the pipeline. Runs in worker threads only. */
import { readFileSync } from 'node:fs';
import { count, item, measured, nowNs } from '../../../probe/api/api.ts';
import { hashOf } from '../files/content-hash.ts';
import { type Facts, FileFault } from './facts.ts';
import { Sweep } from './facts-builder.ts';
import type { Loaded } from './grammar.ts';
import type { Language } from './languages.ts';
import { fileLimitNs, firstError, longestFileBytes, parseFile, timeLimit } from './parse-file.ts';

export interface Extracted {
  readonly sha256: string;
  readonly facts: Facts;
}

/**
 * Facts of the file at `path`; `name` is its path in the workspace. Throws a `FileFault`, or what WebAssembly threw.
 */
export const extractFile = measured(
  'concurrent_extractor',
  'extract_file',
  (path: string, name: string, loaded: Loaded): Extracted => {
    const startNs = nowNs();
    const bytes = readBytes(path);
    const source = bytes.toString('utf8');
    const parseNs = nowNs();
    const tree = parseFile(loaded, source);
    const parsedNs = nowNs();
    try {
      const syntaxError = tree.rootNode.hasError ? firstError(tree.rootNode) : undefined;
      const facts = factsOf(loaded, source, tree.rootNode, syntaxError);
      const { calls, definitions } = facts;
      count('files', 1, { component: 'concurrent_extractor' });
      count('calls', calls.length, { component: 'concurrent_extractor' });
      count('definitions', definitions.length, { component: 'concurrent_extractor' });
      item({
        component: 'concurrent_extractor',
        name,
        file: name,
        // Here `extract_file` is without the parsing inside it, so that the parts of a file add up to its whole.
        parts: { parse_file: parsedNs - parseNs, extract_file: parseNs - startNs + (nowNs() - parsedNs) },
        counts: { calls: calls.length, definitions: definitions.length },
      });
      return { sha256: hashOf(bytes), facts };
    } finally {
      tree.delete();
    }
  },
);

function readBytes(path: string): Buffer {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new FileFault('unreadable', `The file cannot be read (${code}): check its permissions.`);
  }
  if (bytes.length > longestFileBytes) {
    throw new FileFault('too_large', `The file is larger than ${longestFileBytes / 1e6} MB; it is left out.`);
  }
  if (bytes.includes(0)) throw new FileFault('binary', 'The file is not text; it is left out.');
  return bytes;
}

/** One pass of the query over the tree. */
export function factsOf(
  loaded: Loaded,
  source: string,
  root: Parameters<typeof firstError>[0],
  broken?: string,
): Facts {
  const { language, query } = loaded;
  const overdue = timeLimit();
  let late = false;
  const captures = query.captures(root, {
    progressCallback: () => {
      late = overdue();
      return late;
    },
  });
  if (late)
    throw new FileFault('timeout', `Finding calls took more than ${fileLimitNs / 1e9} s; the file is left out.`);
  const sweep = new Sweep(source);
  for (const { name, node } of captures) {
    sweep.moveTo(node.startIndex);
    (language.syntax[name] as Language['syntax'][string])(sweep, node);
  }
  return sweep.facts(language.id, broken);
}
