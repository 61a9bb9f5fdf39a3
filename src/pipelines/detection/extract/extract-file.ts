/** Reads one file and extracts its facts, in an extractor thread. */

import { count, item, measured, nowNs } from '../../../probe/api/api.ts';
import { readRegularFile } from '../../../process/read-regular-file.ts';
import { hashOf } from '../files/content-hash.ts';
import { ExtractionError, type Facts } from './facts.ts';
import { FactsBuilder } from './facts-builder.ts';
import type { Language } from './languages.ts';
import type { LoadedLanguage } from './load-language.ts';
import { createTimeLimit, describeFirstError, maxFileBytes, maxFileNs, parseFile } from './parse-file.ts';

export interface ExtractedFile {
  readonly sha256: string;
  readonly facts: Facts;
}

/**
 * Extracts the facts of the file at `path`. Throws an `ExtractionError` or an error of the WebAssembly parser.
 * @param name path relative to the workspace
 */
export const extractFile = measured(
  'concurrent_extractor',
  'extract_file',
  (path: string, name: string, loaded: LoadedLanguage): ExtractedFile => {
    const startNs = nowNs();
    const bytes = readBytes(path);
    const source = bytes.toString('utf8');
    const parseNs = nowNs();
    const tree = parseFile(loaded, source);
    const parsedNs = nowNs();
    try {
      const syntaxError = tree.rootNode.hasError ? describeFirstError(tree.rootNode) : undefined;
      const facts = buildFacts(loaded, source, tree.rootNode, syntaxError);
      const { calls, definitions } = facts;
      count('files', 1, { component: 'concurrent_extractor' });
      count('calls', calls.length, { component: 'concurrent_extractor' });
      count('definitions', definitions.length, { component: 'concurrent_extractor' });
      item({
        component: 'concurrent_extractor',
        name,
        file: name,
        // This part excludes parsing, so that the parts of a file add up to its total time.
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
  const file = readRegularFile(path, { maxBytes: maxFileBytes });
  if (file.kind === 'missing') throw new ExtractionError('unreadable', 'Could not read the file (ENOENT).');
  if (file.kind === 'refused') {
    const type = file.problem.includes('larger') ? 'too_large' : 'unreadable';
    throw new ExtractionError(type, `The file ${file.problem} and was skipped.`);
  }
  const { bytes } = file;
  if (bytes.includes(0)) throw new ExtractionError('binary', 'The file is not a text file and was skipped.');
  return bytes;
}

/** Builds the facts in one pass over the captures of the query. Throws an `ExtractionError` if it takes too long. */
function buildFacts(
  loaded: LoadedLanguage,
  source: string,
  root: Parameters<typeof describeFirstError>[0],
  syntaxError?: string,
): Facts {
  const { language, query } = loaded;
  const isTimeUp = createTimeLimit();
  let hasTimedOut = false;
  const captures = query.captures(root, {
    progressCallback: () => {
      hasTimedOut = isTimeUp();
      return hasTimedOut;
    },
  });
  if (hasTimedOut) {
    throw new ExtractionError('timeout', `Finding calls took more than ${maxFileNs / 1e9} s. The file was skipped.`);
  }
  const builder = new FactsBuilder(source);
  for (const { name, node } of captures) {
    builder.advanceTo(node.startIndex);
    (language.syntax[name] as Language['syntax'][string])(builder, node);
  }
  return builder.build(language.id, syntaxError);
}
