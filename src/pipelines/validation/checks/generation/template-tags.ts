/** Tags of template engines: whether each block that is opened is closed, in its order. */

import type { Fault } from '../../check/findings.ts';
import { lineAt } from '../../check/source-code.ts';

interface Open {
  readonly name: string;
  readonly at: number;
}

/** Blocks of Jinja and Tera that always have an end. */
const jinjaBlocks = /^(?:if|for|block|macro|call|filter|raw|verbatim|with|autoescape)$/;
const jinjaTag =
  /\{#[\s\S]*?#\}|\{%[-+]?\s*(raw|verbatim)\s*[-+]?%\}[\s\S]*?\{%[-+]?\s*end\1\s*[-+]?%\}|\{%[-+]?\s*([\s\S]*?)\s*[-+]?%\}|\{[%#]|\{\{(?:"[^"]*"|'[^']*'|(?!\}\})[\s\S])*(\}\})?/g;
/** Ansible lets a template choose other delimiters in its first line. */
const otherDelimiters = /^#jinja2:.*(?:block|variable|comment)_(?:start|end)_string/;

export function jinjaFault(text: string): Fault | undefined {
  if (otherDelimiters.test(text)) return undefined;
  // A tag of an extension is a block where its end stands somewhere in the file.
  const ends = new Set([...text.matchAll(/\{%[-+]?\s*end(\w+)/g)].map((match) => match[1] as string));
  const open: Open[] = [];
  for (const match of text.matchAll(jinjaTag)) {
    const [whole, raw, tag, closed] = match;
    const at = match.index;
    if (whole.startsWith('{#') && whole.length > 2) continue;
    if (raw !== undefined) continue;
    if (whole.startsWith('{{')) {
      if (closed === undefined) return { line: lineAt(text, at), message: '“{{” is not closed.' };
      continue;
    }
    if (tag === undefined) return { line: lineAt(text, at), message: `“${whole}” is not closed.` };
    const [word = ''] = tag.split(/[\s(]/, 1);
    const fault = word.startsWith('end') ? closing(text, open, word.slice(3), at) : undefined;
    if (fault) return fault;
    const opens = jinjaBlocks.test(word) || (ends.has(word) && !(word === 'set' && tag.includes('=')));
    if (opens) open.push({ name: word, at });
  }
  return left(text, open);
}

const handlebarsTag =
  /\\\{\{|\{\{!--[\s\S]*?--~?\}\}|\{\{![\s\S]*?\}\}|\{\{\{\{\s*([\w.-]+)[^}]*\}\}\}\}[\s\S]*?\{\{\{\{\/\1\}\}\}\}|\{\{=|\{\{~?\s*([#/^])?([>*]?)\s*([^\s}~]*)[\s\S]*?\}\}|\{\{/g;

export function handlebarsFault(text: string): Fault | undefined {
  const open: Open[] = [];
  for (const match of text.matchAll(handlebarsTag)) {
    const [whole, , kind, , name = ''] = match;
    // From here on, Mustache's delimiters are others.
    if (whole === '{{=') return undefined;
    if (whole === '{{') return { line: lineAt(text, match.index), message: '“{{” is not closed.' };
    if (kind === '#' || (kind === '^' && name !== '')) open.push({ name, at: match.index });
    if (kind !== '/') continue;
    const fault = closing(text, open, name, match.index);
    if (fault) return fault;
  }
  return left(text, open);
}

/** In EJS all between two delimiters is JavaScript; `<%%` stands for itself. */
export function ejsFault(text: string): Fault | undefined {
  for (let at = text.indexOf('<%'); at >= 0; ) {
    if (text[at + 2] === '%') at = text.indexOf('<%', at + 3);
    else {
      const end = text.indexOf('%>', at + 2);
      const next = text.indexOf('<%', at + 2);
      if (end < 0) return { line: lineAt(text, at), message: '“<%” is not closed.' };
      if (next >= 0 && next < end) return { line: lineAt(text, at), message: '“<%” is not closed before the next.' };
      at = next;
    }
  }
  return undefined;
}

/** Takes the block that `name` ends from those that are open. */
function closing(text: string, open: Open[], name: string, at: number): Fault | undefined {
  const last = open.pop();
  if (last?.name === name) return undefined;
  const line = lineAt(text, at);
  if (!last) return { line, message: `The end of “${name}” stands here, and none is open.` };
  return {
    line,
    message: `The end of “${name}” stands here, and “${last.name}” of line ${lineAt(text, last.at)} is open.`,
  };
}

function left(text: string, open: readonly Open[]): Fault | undefined {
  const last = open.at(-1);
  return last ? { line: lineAt(text, last.at), message: `“${last.name}” is not closed.` } : undefined;
}
