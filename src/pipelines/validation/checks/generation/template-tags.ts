/** Checks the tags of template engines: every block that is opened is closed, in the right order. */
import type { TextError } from '../../check/findings.ts';
import { lineAt } from '../../check/source-code.ts';

interface OpenBlock {
  readonly name: string;
  readonly offset: number;
}

/** Blocks of Jinja and Tera that always need an end tag. */
const jinjaBlocks = /^(?:if|for|block|macro|call|filter|raw|verbatim|with|autoescape)$/;
const jinjaTag =
  /\{#[\s\S]*?#\}|\{%[-+]?\s*(raw|verbatim)\s*[-+]?%\}[\s\S]*?\{%[-+]?\s*end\1\s*[-+]?%\}|\{%[-+]?\s*([\s\S]*?)\s*[-+]?%\}|\{[%#]|\{\{(?:"[^"]*"|'[^']*'|(?!\}\})[\s\S])*(\}\})?/g;
/** Header with which an Ansible template selects other delimiters. */
const customDelimiters = /^#jinja2:.*(?:block|variable|comment)_(?:start|end)_string/;

/** Returns the first error of a Jinja or Tera template. */
export function findJinjaError(text: string): TextError | undefined {
  if (customDelimiters.test(text)) return undefined;
  // A tag of an extension counts as a block if the file has an end tag for it.
  const endNames = new Set([...text.matchAll(/\{%[-+]?\s*end(\w+)/g)].map((match) => match[1] as string));
  const open: OpenBlock[] = [];
  for (const match of text.matchAll(jinjaTag)) {
    const [whole, raw, tag, closing] = match;
    const offset = match.index;
    if (whole.startsWith('{#') && whole.length > 2) continue;
    if (raw !== undefined) continue;
    if (whole.startsWith('{{')) {
      if (closing === undefined) return { line: lineAt(text, offset), message: '“{{” is not closed.' };
      continue;
    }
    if (tag === undefined) return { line: lineAt(text, offset), message: `“${whole}” is not closed.` };
    const [keyword = ''] = tag.split(/[\s(]/, 1);
    const error = keyword.startsWith('end') ? closeBlock(text, open, keyword.slice(3), offset) : undefined;
    if (error) return error;
    const isBlock = jinjaBlocks.test(keyword) || (endNames.has(keyword) && !(keyword === 'set' && tag.includes('=')));
    if (isBlock) open.push({ name: keyword, offset });
  }
  return findUnclosedBlock(text, open);
}

const handlebarsTag =
  /\\\{\{|\{\{!--[\s\S]*?--~?\}\}|\{\{![\s\S]*?\}\}|\{\{\{\{\s*([\w.-]+)[^}]*\}\}\}\}[\s\S]*?\{\{\{\{\/\1\}\}\}\}|\{\{=|\{\{~?\s*([#/^])?([>*]?)\s*([^\s}~]*)[\s\S]*?\}\}|\{\{/g;

/** Returns the first error of a Handlebars or Mustache template. */
export function findHandlebarsError(text: string): TextError | undefined {
  const open: OpenBlock[] = [];
  for (const match of text.matchAll(handlebarsTag)) {
    const [whole, , kind, , name = ''] = match;
    // `{{=` switches to custom delimiters, which are not supported here.
    if (whole === '{{=') return undefined;
    if (whole === '{{') return { line: lineAt(text, match.index), message: '“{{” is not closed.' };
    if (kind === '#' || (kind === '^' && name !== '')) open.push({ name, offset: match.index });
    if (kind !== '/') continue;
    const error = closeBlock(text, open, name, match.index);
    if (error) return error;
  }
  return findUnclosedBlock(text, open);
}

/** Returns the first error of an EJS template. Text between two delimiters is JavaScript; `<%%` is a literal `<%`. */
export function findEjsError(text: string): TextError | undefined {
  for (let start = text.indexOf('<%'); start >= 0; ) {
    if (text[start + 2] === '%') start = text.indexOf('<%', start + 3);
    else {
      const end = text.indexOf('%>', start + 2);
      const next = text.indexOf('<%', start + 2);
      if (end < 0) return { line: lineAt(text, start), message: '“<%” is not closed.' };
      if (next >= 0 && next < end)
        return { line: lineAt(text, start), message: '“<%” is not closed before the next “<%”.' };
      start = next;
    }
  }
  return undefined;
}

/** Removes the innermost open block. Returns an error if the end tag at `offset` does not belong to it. */
function closeBlock(text: string, open: OpenBlock[], name: string, offset: number): TextError | undefined {
  const block = open.pop();
  if (block?.name === name) return undefined;
  const line = lineAt(text, offset);
  if (!block) return { line, message: `The end of “${name}” has no matching start.` };
  return {
    line,
    message: `The end of “${name}” does not match “${block.name}”, which opens in line ${lineAt(text, block.offset)}.`,
  };
}

function findUnclosedBlock(text: string, open: readonly OpenBlock[]): TextError | undefined {
  const block = open.at(-1);
  return block ? { line: lineAt(text, block.offset), message: `“${block.name}” is not closed.` } : undefined;
}
