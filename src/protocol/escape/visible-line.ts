/** Makes text from programs and files safe to show: it stays on one line and no character acts instead of being seen. */

/** Line breaks and tabs, which would end a line or move a column. */
const lineBreaks = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;
/** Control characters start terminal sequences; bidirectional and invisible ones make a text look like another one. */
const invisible = /[\p{Cc}\p{Cs}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/** Joins the lines of a text, and replaces characters that are invisible or act on their own by names like `<U+001B>`. */
export function toVisibleLine(text: string): string {
  return text.replaceAll(lineBreaks, ' ').replaceAll(invisible, nameOf);
}

function nameOf(character: string): string {
  return `<U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}>`;
}
