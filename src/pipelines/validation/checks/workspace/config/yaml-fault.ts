/** Where a text is no YAML, found in small steps: a long one would hold everything else up for a second. */
import { Composer, type Document, isScalar, Lexer, LineCounter, Parser, visit } from 'yaml';
import type { Fault } from '../../../check/findings.ts';
import { paced } from '../../../check/yield-to-loop.ts';

export async function yamlFault(text: string): Promise<Fault | undefined> {
  const lines = new LineCounter();
  lines.addNewLine(0);
  const parser = new Parser(lines.addNewLine);
  // Keys are compared below: the package's own comparison takes the square of their number.
  const composer = new Composer({ uniqueKeys: false, merge: true, logLevel: 'silent' });
  const turn = paced();
  const parsed = async function* (): AsyncGenerator<Document> {
    for (const lexeme of new Lexer().lex(text.replace(/^\uFEFF/, ''))) {
      for (const token of parser.next(lexeme)) yield* composer.next(token);
      await turn();
    }
    for (const token of parser.end()) yield* composer.next(token);
    yield* composer.end();
  };
  for await (const document of parsed()) {
    const [error] = document.errors;
    const found = error ? { offset: error.pos[0], message: `No YAML: ${said(error.message)}.` } : repeatedKey(document);
    if (found) return { line: lines.linePos(found.offset).line || 1, message: found.message };
  }
  return undefined;
}

/** The package adds the place and a picture of it. */
const said = (message: string): string =>
  (message.split('\n')[0] ?? '').replace(/ at line \d+.*$/, '').replace(/:$/, '');

/** A key that a map has twice: the first value is lost without a word. */
function repeatedKey(document: Document): { readonly offset: number; readonly message: string } | undefined {
  let found: { readonly offset: number; readonly message: string } | undefined;
  visit(document, {
    Map: (_, map) => {
      const keys = new Set<unknown>();
      for (const { key } of map.items) {
        if (!isScalar(key) || key.value === '<<') continue;
        if (keys.has(key.value)) {
          found = { offset: key.range?.[0] ?? 0, message: `The key “${String(key.value)}” stands here a second time.` };
          return visit.BREAK;
        }
        keys.add(key.value);
      }
      return undefined;
    },
  });
  return found;
}
