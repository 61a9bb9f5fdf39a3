/**
 * Reads generated YAML line by line. A complete YAML parser would block the event loop for seconds on a large lock file.
 */

interface YamlLine {
  readonly indent: number;
  readonly key: string;
  /** Value without quotes; empty if a block follows. */
  readonly value: string;
  /** 1-based. */
  readonly line: number;
}

const quoted = /^(?:'((?:[^']|'')*)'|"((?:[^"\\]|\\.)*)")/;

/** Parses a quoted or unquoted scalar. */
export function parseScalar(text: string): string {
  const match = quoted.exec(text.trim());
  if (match?.[1] !== undefined) return match[1].replaceAll("''", "'");
  if (match?.[2] !== undefined) return match[2].replace(/\\(.)/g, '$1');
  return text.trim();
}

/** Yields every `key: value` of a block mapping. A long key may be on a separate line: `? key`, then `: value`. */
export function* parseYamlLines(text: string): Generator<YamlLine> {
  let line = 0;
  let longKey = '';
  for (const rawLine of text.split('\n')) {
    line++;
    const indent = rawLine.search(/\S/);
    if (indent < 0 || rawLine[indent] === '#') continue;
    const rest = rawLine.slice(indent).trimEnd();
    if (rest.startsWith('? ')) {
      longKey = parseScalar(rest.slice(2));
      continue;
    }
    if (rest.startsWith(': ') && longKey !== '') {
      yield { indent, key: longKey, value: '', line: line - 1 };
      longKey = '';
      const pair = parsePair(rest.slice(2));
      if (pair) yield { indent: indent + 2, ...pair, line };
      continue;
    }
    const pair = parsePair(rest);
    if (pair) yield { indent, ...pair, line };
  }
}

function parsePair(text: string): { key: string; value: string } | undefined {
  const start = quoted.exec(text)?.[0].length ?? 0;
  const colon = start > 0 ? start : text.search(/:(?=\s|$)/);
  if (colon <= 0 || text[colon] !== ':') return undefined;
  return { key: parseScalar(text.slice(0, colon)), value: parseScalar(text.slice(colon + 1)) };
}

/** Parses a mapping on one line, such as `{integrity: sha512-…, tarball: https://…}`. */
export function parseFlowMapping(text: string): Map<string, string> {
  const pairs = text.replace(/^\{|\}$/g, '').matchAll(/([\w-]+):\s*('(?:[^']|'')*'|"[^"]*"|[^,]+)/g);
  return new Map([...pairs].map(([, key = '', value = '']) => [key, parseScalar(value)]));
}
