const sourceMapComment = /\/\/[#@] sourceMappingURL=([^\s'"]+)\s*$/;

/** Returns the URL in the `sourceMappingURL` comment that ends the code, or undefined if the code does not end with one. */
export function findSourceMapUrl(code: string): string | undefined {
  // Only the last occurrence is matched, because applying the pattern to a large file would be slow.
  const start = code.lastIndexOf('sourceMappingURL=');
  return start < 0 ? undefined : sourceMapComment.exec(code.slice(Math.max(0, start - 5)))?.[1];
}
