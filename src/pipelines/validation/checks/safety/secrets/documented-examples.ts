/** Recognizes examples in documentation: below a heading that says so, or in the documentation comment of a function. */

/** Length of the text above a place in which its heading is looked for. */
const maxSectionLength = 4000;
const commentLine = /^\s*(?:\*|\/\/[/!]|\/\*\*|#(?!#))/;
const exampleTag = /@example\b|\bexamples?:?\s*$|\bexamples?\b[^.]*:\s*$/im;

/** Returns true for a place below the heading "Example" or after an `@example` in the same comment. */
export function isDocumentedExample(text: string, start: number): boolean {
  const section = text.slice(Math.max(0, start - maxSectionLength), start);
  const lines = section.split('\n');
  const current = lines.pop() ?? '';
  if (commentLine.test(current)) {
    const first = lines.findLastIndex((line) => !commentLine.test(line));
    return exampleTag.test(lines.slice(first + 1).join('\n'));
  }
  const heading = lines.findLast((line) => /^#{1,6}\s+\S/.test(line));
  return heading !== undefined && /\bexamples?\b/i.test(heading);
}
