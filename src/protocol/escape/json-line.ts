/** Formats JSON for standard output, which may be a terminal or a CI log. */

/** Characters that JSON allows in strings but that act on a terminal or change how a text looks. */
const active = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;
/** Opens a command to GitHub, Azure or TeamCity. In JSON, a `#` occurs in strings only. */
const inlineCommand = /#(?=#)/g;

/** Returns JSON that ends in a line break. It parses to the same value as that of `JSON.stringify`. */
export function formatJsonLine(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, undefined, indent);
  return `${text.replaceAll(active, escapeUnits).replaceAll(inlineCommand, '\\u0023')}\n`;
}

/** Escapes each UTF-16 code unit, as JSON does. */
function escapeUnits(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}
