/** Reads one file and extracts its facts, in an extractor thread. */

import { count, item, measured, nowNs } from '../../../probe/api/api.ts';
import { readRegularFile } from '../../../process/read-regular-file.ts';
import { hashOf } from '../files/content-hash.ts';
import { decodeSource } from '../files/decode-source.ts';
import { hashInterface } from './facts/hash-interface.ts';
import { ExtractionError, type Facts, isListed } from './facts.ts';
import { FactsBuilder } from './facts-builder.ts';
import type { Language } from './languages.ts';
import type { LoadedLanguage } from './load-language.ts';
import { createTimeLimit, maxFileBytes, maxFileNs } from './parse-file.ts';
import { type ParsedSource, parseEquivalent, parseSource } from './parse-source.ts';

export interface ExtractedFile {
  readonly sha256: string;
  readonly facts: Facts;
  /** The facts as JSON in UTF-8, if another thread has extracted them. */
  readonly factsJson?: Uint8Array;
  /** See `hashInterface`. */
  readonly interfaceHash: string;
}

/**
 * Extracts the facts of the file at `path`. Throws an `ExtractionError` or an error of the WebAssembly parser.
 * @param name path relative to the workspace
 */
export const extractFile = measured(
  'concurrent_extractor',
  'extract_file',
  async (path: string, name: string, loaded: LoadedLanguage): Promise<ExtractedFile> => {
    const startNs = nowNs();
    const bytes = readBytes(path);
    const source = decode(bytes, loaded.language);
    const parseNs = nowNs();
    const parsed = await parseSource(loaded, source);
    const parsedNs = nowNs();
    try {
      const facts = await buildFacts(loaded, source, parsed);
      const { calls } = facts;
      const definitions = facts.definitions.filter(isListed);
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
      return { sha256: hashOf(bytes), facts, interfaceHash: hashInterface(facts) };
    } finally {
      deleteTrees(parsed);
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
  return file.bytes;
}

function decode(bytes: Buffer, { id }: Language): string {
  const { kind, text } = decodeSource(bytes, id);
  if (kind === 'binary') throw new ExtractionError('binary', 'The file is not a text file and was skipped.');
  return text;
}

async function buildFacts(loaded: LoadedLanguage, source: string, parsed: ParsedSource): Promise<Facts> {
  const builder = readCaptures(loaded, source, parsed);
  const equivalent = builder.isAmbiguous ? await parseEquivalent(loaded, source) : undefined;
  if (!equivalent) return builder.build(loaded.language.id, parsed.syntaxError);
  try {
    return readCaptures(loaded, source, equivalent).build(loaded.language.id);
  } finally {
    deleteTrees(equivalent);
  }
}

/** Collects facts in one pass over the captures of the query. Throws an `ExtractionError` if it takes too long. */
function readCaptures({ language, query }: LoadedLanguage, source: string, parsed: ParsedSource): FactsBuilder {
  const isTimeUp = createTimeLimit();
  let hasTimedOut = false;
  const progressCallback = (): boolean => {
    hasTimedOut = isTimeUp();
    return hasTimedOut;
  };
  const captures = parsed.trees.flatMap((tree) => query.captures(tree.rootNode, { progressCallback }));
  if (hasTimedOut) {
    throw new ExtractionError('timeout', `Finding calls took more than ${maxFileNs / 1e9} s. The file was skipped.`);
  }
  // The captures of one tree are in source order already.
  if (parsed.trees.length > 1) captures.sort((a, b) => a.node.startIndex - b.node.startIndex);
  const builder = new FactsBuilder(source, language.id);
  const root = parsed.trees[0]?.rootNode;
  if (root) language.prepare?.(builder, root);
  for (const { name, node } of captures) {
    builder.advanceTo(node.startIndex);
    (language.syntax[name] as Language['syntax'][string])(builder, node);
  }
  for (const { from, start } of parsed.typeImports) builder.addImport(from, start, 'type');
  return builder;
}

function deleteTrees({ trees }: ParsedSource): void {
  for (const tree of trees) tree.delete();
}
