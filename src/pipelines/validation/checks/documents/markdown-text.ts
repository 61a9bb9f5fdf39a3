/** Reads Markdown documents line by line: prose, code blocks, and the heading that each line is under. */

export interface MarkdownLine {
  /** 1-based. */
  readonly line: number;
  readonly text: string;
  /** Headings around the line, outermost first. */
  readonly headings: readonly string[];
  /** Language of the code block that contains the line, empty if it names none; undefined outside of code blocks. */
  readonly language?: string;
  /** Line of the fence that opens the code block. */
  readonly block?: number;
}

const fence = /^(?:\s|>|[-*]\s|\d+\.\s)*(`{3,}|~{3,})\s*\{?\.?([\w+-]*)/;
const heading = /^\s{0,3}(#{1,6})\s+(.*?)\s*#*$/;

/** Parses a document. Lines in HTML comments are left out. */
export function parseMarkdown(text: string): MarkdownLine[] {
  const lines: MarkdownLine[] = [];
  let headings: string[] = [];
  let open: { readonly mark: string; readonly language: string; readonly block: number } | undefined;
  for (const [index, raw] of blankComments(text).split('\n').entries()) {
    const line = index + 1;
    const [, mark = '', language = ''] = fence.exec(raw) ?? [];
    if (open) {
      if (mark.startsWith(open.mark) && /^(?:\s|>)*[`~]+\s*$/.test(raw)) open = undefined;
      else lines.push({ line, text: raw, headings, language: open.language, block: open.block });
      continue;
    }
    if (mark !== '') {
      open = { mark, language: language.toLowerCase(), block: line };
      continue;
    }
    const [, level = '', title = ''] = heading.exec(raw) ?? [];
    if (level !== '') headings = [...headings.slice(0, level.length - 1), title];
    lines.push({ line, text: raw, headings });
  }
  return lines;
}

/** Replaces HTML comments with spaces and keeps the line breaks. */
function blankComments(text: string): string {
  return text.replace(/<!--[\s\S]*?-->/g, (comment) => comment.replace(/[^\n]/g, ' '));
}
