/** Where a text says that its source map is. */

const reference = /\/\/[#@] sourceMappingURL=([^\s'"]+)\s*$/;

/** Maps stand at the end of a text, so only its last line is looked at. */
export function referenceIn(code: string): string | undefined {
  const at = code.lastIndexOf('sourceMappingURL=');
  return at < 0 ? undefined : reference.exec(code.slice(Math.max(0, at - 5)))?.[1];
}
