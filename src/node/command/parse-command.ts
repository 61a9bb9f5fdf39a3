/** Splits a typed command into the program and its arguments as a shell would, without ever starting one. */
import { HumanError } from '../../core/human-error.ts';

/** What a shell would act on: by itself it is refused, since it would be passed on as plain text and surprise. */
const refusals: readonly (readonly [RegExp, string])[] = [
  [/^[|&;<>()\n]/, 'would join or redirect programs'],
  [/^[$`]/, 'would be replaced by a value'],
  [/^[*?[\]{}]/, 'would be replaced by names of files'],
  [/^[~#]/, 'has a meaning of its own there'],
];

/** Throws a HumanError for what only a shell could do. On Windows a backslash is part of a path. */
export function wordsOf(text: string, windows = process.platform === 'win32'): readonly [string, ...string[]] {
  const words: string[] = [];
  let word: string | undefined;
  let at = 0;
  while (at < text.length) {
    const rest = text.slice(at);
    const [blank] = /^[ \t]+/.exec(rest) ?? [];
    if (blank !== undefined) {
      if (word !== undefined) words.push(word);
      word = undefined;
      at += blank.length;
      continue;
    }
    const [raw, plain] = pieceOf(rest, word === undefined, windows);
    word = (word ?? '') + plain;
    at += raw.length;
  }
  if (word !== undefined) words.push(word);
  const [command, ...args] = words;
  if (!command) throw new HumanError('There is no command. Type a program and its arguments.');
  if (!/^[A-Za-z_]\w*=/.test(command)) return [command, ...args];
  throw new HumanError(
    `“${command}” would set a variable in a shell. Put it into “env” of a pipeline in pipescope.json.`,
  );
}

/** One piece from the head of a text: as it is written, and what it stands for. */
function pieceOf(rest: string, first: boolean, windows: boolean): readonly [string, string] {
  const single = /^'([^']*)'/.exec(rest);
  if (single) return [single[0], single[1] ?? ''];
  const double = /^"((?:[^"\\]|\\[\s\S])*)"/.exec(rest);
  if (double) return [double[0], quotedText(double[1] ?? '', windows)];
  if (/^['"]/.test(rest)) throw new HumanError(`The quote that opens at ${rest.slice(0, 20)} is not closed. Close it.`);
  const escaped = windows ? null : /^\\([\s\S])/.exec(rest);
  if (escaped) return [escaped[0], escaped[1] ?? ''];
  const letter = rest[0] ?? '';
  for (const [pattern, what] of refusals) {
    if (!pattern.test(rest) || (/[~#]/.test(letter) && !first)) continue;
    throw new HumanError(
      `“${letter}” ${what} in a shell, and none is started. Put it in quotes, or run it by “sh -c '…'”.`,
    );
  }
  return [letter, letter];
}

/** Between double quotes a backslash escapes only what would otherwise act there. */
function quotedText(text: string, windows: boolean): string {
  if (!windows && /(?<!\\)(?:\\\\)*[$`]/.test(text)) {
    throw new HumanError(`“${text}” has a “$” or a backtick, which a shell would replace. Put it in single quotes.`);
  }
  return text.replace(windows ? /\\(")/g : /\\(["\\$`\n])/g, '$1');
}
