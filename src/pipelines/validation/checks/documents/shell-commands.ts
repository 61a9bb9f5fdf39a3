/** Finds the commands that developer documents tell to run, with the folder to run them in as far as it is known. */
import { posix } from 'node:path';
import { type MarkdownLine, parseMarkdown } from './markdown-text.ts';

export interface DocumentedCommand {
  /** 1-based. */
  readonly line: number;
  readonly argv: readonly string[];
  /** Relative to the workspace. Undefined after a change to a folder that is not part of it. */
  readonly folder: string | undefined;
}

const shellLanguage = /^(?:|sh|bash|shell|zsh|console|shell-session|shellsession|terminal|text)$/;
/** Text that stands for a value that the reader must fill in. */
const placeholder = /[<>{}[\]$*…|`]|\.\.\./;

/**
 * Returns the commands in the code blocks of a document.
 * @param isRelevant selects lines, for example by their headings
 * @param hasFolder returns whether a folder exists in the workspace
 */
export function findCommands(
  text: string,
  isRelevant: (line: MarkdownLine) => boolean,
  hasFolder: (folder: string) => boolean,
): DocumentedCommand[] {
  const commands: DocumentedCommand[] = [];
  let block: number | undefined;
  let folder: string | undefined = '';
  let isCloned = false;
  for (const line of parseMarkdown(text)) {
    if (line.language === undefined || !shellLanguage.test(line.language) || !isRelevant(line)) continue;
    if (line.block !== block) [block, folder, isCloned] = [line.block, '', false];
    for (const argv of splitCommands(line.text)) {
      const [program, first = ''] = argv;
      if (program === 'git' && first === 'clone') isCloned = true;
      else if (program === 'cd') {
        const target: string = posix.join(folder ?? '', first);
        if (folder !== undefined && hasFolder(target)) folder = target === '.' ? '' : target;
        else if (!isCloned) folder = undefined;
        isCloned = false;
      } else commands.push({ line: line.line, argv, folder });
    }
  }
  return commands;
}

/** Splits a line of a shell into the argument lists of its commands, without prompts, comments and variables. */
export function splitCommands(line: string): string[][] {
  const command = line
    .replace(/^\s*(?:[$%>❯]\s+|\w[\w-]*@[\w-]+[^$]*\$\s+)/, '')
    .replace(/(?:^|\s)#.*$/, '')
    .trim();
  if (command === '' || command.endsWith('\\')) return [];
  return command
    .split(/&&|\|\||;|\s\|\s/)
    .map((part) => part.trim().split(/\s+/).filter(Boolean))
    .map((argv) =>
      argv.slice(argv.findIndex((argument) => !/^\w+=\S*$/.test(argument) && !/^(?:sudo|env|time)$/.test(argument))),
    )
    .filter((argv) => argv.length > 0);
}

/** Returns whether an argument is a real value rather than one that the reader must fill in. */
export const isLiteral = (argument: string): boolean =>
  !placeholder.test(argument) && !/^(?:your|my)[-_]/i.test(argument);
