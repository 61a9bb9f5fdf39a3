/** Splits a typed command into a program and its arguments like a shell would, without running a shell. */
import { HumanError } from '../../core/human-error.ts';

/** A program and its arguments. */
export type Argv = readonly [string, ...string[]];

/** Unquoted shell syntax with its effect in a shell. It is rejected, because the program would receive it literally. */
const shellSyntax: readonly (readonly [RegExp, string])[] = [
  [/^[|&;<>()\n]/, 'combines or redirects programs'],
  [/^[$`]/, 'is replaced by a value'],
  [/^[*?[\]{}]/, 'is replaced by file names'],
  [/^[~#]/, 'has a special meaning'],
];

/** Parses a command line. Throws a HumanError if it needs a shell. On Windows, a backslash is a path separator. */
export function parseCommand(text: string, isWindows = process.platform === 'win32'): Argv {
  const argv: string[] = [];
  let argument: string | undefined;
  let index = 0;
  while (index < text.length) {
    const rest = text.slice(index);
    const [blanks] = /^[ \t]+/.exec(rest) ?? [];
    if (blanks !== undefined) {
      if (argument !== undefined) argv.push(argument);
      argument = undefined;
      index += blanks.length;
      continue;
    }
    const [source, value] = readPiece(rest, argument === undefined, isWindows);
    argument = (argument ?? '') + value;
    index += source.length;
  }
  if (argument !== undefined) argv.push(argument);
  const [command, ...args] = argv;
  if (!command) throw new HumanError('No command. Enter a program and its arguments.');
  if (!/^[A-Za-z_]\w*=/.test(command)) return [command, ...args];
  throw new HumanError(
    `“${command}” sets a variable in a shell, but commands run without a shell. Set it in “env” of a pipeline in pipescope.json.`,
  );
}

/** Reads one quoted, escaped or plain piece from the start of the text. Returns its source and its value. */
function readPiece(rest: string, isArgumentStart: boolean, isWindows: boolean): readonly [string, string] {
  const single = /^'([^']*)'/.exec(rest);
  if (single) return [single[0], single[1] ?? ''];
  const double = /^"((?:[^"\\]|\\[\s\S])*)"/.exec(rest);
  if (double) return [double[0], unescapeQuoted(double[1] ?? '', isWindows)];
  if (/^['"]/.test(rest)) throw new HumanError(`Missing closing quote for ${rest.slice(0, 20)}. Add it.`);
  const escaped = isWindows ? null : /^\\([\s\S])/.exec(rest);
  if (escaped) return [escaped[0], escaped[1] ?? ''];
  const letter = rest[0] ?? '';
  for (const [pattern, effect] of shellSyntax) {
    if (!pattern.test(rest) || (/[~#]/.test(letter) && !isArgumentStart)) continue;
    throw new HumanError(
      `“${letter}” ${effect} in a shell, but commands run without a shell. Quote it, or use sh -c '…'.`,
    );
  }
  return [letter, letter];
}

/** Resolves escapes in double quotes, where a backslash escapes only characters that are special there. */
function unescapeQuoted(text: string, isWindows: boolean): string {
  if (!isWindows && /(?<!\\)(?:\\\\)*[$`]/.test(text)) {
    throw new HumanError(
      `“${text}” contains “$” or a backtick, which a shell would expand. Use single quotes instead.`,
    );
  }
  return text.replace(isWindows ? /\\(")/g : /\\(["\\$`\n])/g, '$1');
}
