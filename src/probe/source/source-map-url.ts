/** Maximum number of references that are examined, and maximum length of the code after one. Both bound the time. */
const maxReferences = 20;
const maxTailLength = 256 * 1024;
/** A reference in a line comment or in a block comment, as ECMA-426 allows them; `@` is the old form of `#`. */
const lineReference = /\/\/[#@][ \t]*sourceMappingURL=([^\s'"`]*[^\s'"`\\])[ \t]*(?=[\n\r\u2028\u2029]|$)/y;
const blockReference = /\/\*[#@]\s*sourceMappingURL=([^\s'"`*]+)\s*\*\//y;
/** Comments, and the closing brackets that loaders put around a module. */
const tail = /(?:[\s)\]};]|\/\/[^\n\r\u2028\u2029]*|\/\*[\s\S]*?\*\/)*/y;
const marker = 'sourceMappingURL=';
const maxPrefixLength = 64;

/**
 * Returns the URL of the last `sourceMappingURL` comment of the code, or undefined. Only comments and closing brackets may
 * follow it, so that the same text inside a string or a template does not count.
 */
export function findSourceMapUrl(code: string): string | undefined {
  let start = code.lastIndexOf(marker);
  for (let count = 0; start >= 0 && count < maxReferences; count++) {
    const url = referenceAt(code, start);
    if (url !== undefined) return url;
    start = start === 0 ? -1 : code.lastIndexOf(marker, start - 1);
  }
  return undefined;
}

/** Returns the URL of the reference whose marker is at `markerStart`, or undefined if it is not one. */
function referenceAt(code: string, markerStart: number): string | undefined {
  const prefixStart = Math.max(0, markerStart - maxPrefixLength);
  const prefix = code.slice(prefixStart, markerStart);
  const opening = /\/[/*][#@]\s*$/.exec(prefix);
  if (!opening) return undefined;
  const pattern = opening[0].startsWith('//') ? lineReference : blockReference;
  pattern.lastIndex = prefixStart + opening.index;
  const match = pattern.exec(code);
  if (!match || isInsideLineComment(code, match.index)) return undefined;
  const end = match.index + match[0].length;
  if (code.length - end > maxTailLength) return undefined;
  tail.lastIndex = end;
  tail.exec(code);
  if (tail.lastIndex !== code.length) return undefined;
  // An odd number of backticks means that the reference is inside a template, which ends in what looks like a comment.
  return (code.slice(end).split('`').length - 1) % 2 === 0 ? match[1] : undefined;
}

/** Returns true if the line begins with another comment, which then contains the reference. */
function isInsideLineComment(code: string, start: number): boolean {
  const lineStart = Math.max(code.lastIndexOf('\n', start), code.lastIndexOf('\r', start)) + 1;
  return code
    .slice(lineStart, Math.min(start, lineStart + maxPrefixLength))
    .trimStart()
    .startsWith('//');
}
