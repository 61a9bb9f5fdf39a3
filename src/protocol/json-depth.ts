/** Limits how deeply JSON from files may be nested, because functions that walk a value recurse once per level. */

/** Maximum number of brackets that are open at the same time. Nothing that Pipescope reads has more than 20. */
export const maxJsonDepth = 200;

const [quote, backslash] = [0x22, 0x5c];
const opening = new Set([0x5b, 0x7b]);
const closing = new Set([0x5d, 0x7d]);

/**
 * Returns the offset of the first bracket that is nested too deeply, or undefined if there is none. Brackets in strings
 * do not count. Reads JSON with comments as well: brackets in a comment count, which matters only beyond the limit.
 */
export function findDeepBracket(text: string, maxDepth = maxJsonDepth): number | undefined {
  let depth = 0;
  let isString = false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (isString) {
      if (code === backslash) index++;
      else if (code === quote || code === 0x0a) isString = false;
    } else if (code === quote) isString = true;
    else if (opening.has(code)) {
      depth++;
      if (depth > maxDepth) return index;
    } else if (closing.has(code)) depth--;
  }
  return undefined;
}
