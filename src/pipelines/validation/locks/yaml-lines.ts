/** Reads what machines write as YAML, line by line: a real YAML reader holds the loop for seconds on a large lock. */

export interface Line {
  readonly indent: number;
  readonly key: string;
  /** Without quotes; empty where a block follows. */
  readonly value: string;
  /** From 1. */
  readonly line: number;
}

const quoted = /^(?:'((?:[^']|'')*)'|"((?:[^"\\]|\\.)*)")/;

/** A scalar as written, quoted or not. */
export function scalar(text: string): string {
  const match = quoted.exec(text.trim());
  if (match?.[1] !== undefined) return match[1].replaceAll("''", "'");
  if (match?.[2] !== undefined) return match[2].replace(/\\(.)/g, '$1');
  return text.trim();
}

/** Every `key: value` of a block mapping in its order. A long key may stand in a line of its own, `? key`, `: value`. */
export function* linesOf(text: string): Generator<Line> {
  let at = 0;
  let long = '';
  for (const whole of text.split('\n')) {
    at++;
    const indent = whole.search(/\S/);
    if (indent < 0 || whole[indent] === '#') continue;
    const rest = whole.slice(indent).trimEnd();
    if (rest.startsWith('? ')) {
      long = scalar(rest.slice(2));
      continue;
    }
    if (rest.startsWith(': ') && long !== '') {
      yield { indent, key: long, value: '', line: at - 1 };
      long = '';
      const pair = pairOf(rest.slice(2));
      if (pair) yield { indent: indent + 2, ...pair, line: at };
      continue;
    }
    const pair = pairOf(rest);
    if (pair) yield { indent, ...pair, line: at };
  }
}

function pairOf(text: string): { key: string; value: string } | undefined {
  const start = quoted.exec(text)?.[0].length ?? 0;
  const colon = start > 0 ? start : text.search(/:(?=\s|$)/);
  if (colon <= 0 || text[colon] !== ':') return undefined;
  return { key: scalar(text.slice(0, colon)), value: scalar(text.slice(colon + 1)) };
}

/** The pairs of a mapping in one line, `{integrity: sha512-…, tarball: https://…}`. */
export function flow(text: string): Map<string, string> {
  const pairs = text.replace(/^\{|\}$/g, '').matchAll(/([\w-]+):\s*('(?:[^']|'')*'|"[^"]*"|[^,]+)/g);
  return new Map([...pairs].map(([, key = '', value = '']) => [key, scalar(value)]));
}
