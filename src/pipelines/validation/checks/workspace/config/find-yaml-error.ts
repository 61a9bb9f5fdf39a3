/** Finds syntax errors in YAML. Parses in small steps, because a long text would block the event loop for a second. */
import { Composer, type Document, isScalar, Lexer, LineCounter, Parser, visit } from 'yaml';
import { createYielder } from '../../../../../process/yield-to-loop.ts';
import type { TextError } from '../../../check/findings.ts';

/** Returns the first syntax error or duplicate key, or undefined if the text is valid. */
export async function findYamlError(text: string): Promise<TextError | undefined> {
  const lines = new LineCounter();
  lines.addNewLine(0);
  const parser = new Parser(lines.addNewLine);
  // `findDuplicateKey` replaces `uniqueKeys`, whose running time is quadratic in the number of keys.
  const composer = new Composer({ uniqueKeys: false, merge: true, logLevel: 'silent' });
  const yieldIfDue = createYielder();
  const parseDocuments = async function* (): AsyncGenerator<Document> {
    for (const lexeme of new Lexer().lex(text.replace(/^\uFEFF/, ''))) {
      for (const token of parser.next(lexeme)) yield* composer.next(token);
      await yieldIfDue();
    }
    for (const token of parser.end()) yield* composer.next(token);
    yield* composer.end();
  };
  for await (const document of parseDocuments()) {
    const [syntaxError] = document.errors;
    const error = syntaxError
      ? { offset: syntaxError.pos[0], message: `Invalid YAML: ${stripLocation(syntaxError.message)}.` }
      : findDuplicateKey(document);
    if (error) return { line: lines.linePos(error.offset).line || 1, message: error.message };
  }
  return undefined;
}

/** Removes the location and the source excerpt that the package appends to its messages. */
const stripLocation = (message: string): string =>
  (message.split('\n')[0] ?? '').replace(/ at line \d+.*$/, '').replace(/:$/, '');

/** Finds a key that occurs twice in a mapping. Most readers silently drop the first value. */
function findDuplicateKey(document: Document): { readonly offset: number; readonly message: string } | undefined {
  let error: { readonly offset: number; readonly message: string } | undefined;
  visit(document, {
    Map: (_, map) => {
      const keys = new Set<unknown>();
      for (const { key } of map.items) {
        if (!isScalar(key) || key.value === '<<') continue;
        if (keys.has(key.value)) {
          error = { offset: key.range?.[0] ?? 0, message: `Duplicate key “${String(key.value)}”.` };
          return visit.BREAK;
        }
        keys.add(key.value);
      }
      return undefined;
    },
  });
  return error;
}
