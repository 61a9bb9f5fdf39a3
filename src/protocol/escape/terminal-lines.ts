/** Formats lines for terminals and CI logs. A line may contain any text from programs and files. */
import { toVisibleLine } from './visible-line.ts';

/** Commands that CI systems read from a log: GitHub reads `::…` at the start of a line. */
const lineCommand = /^(\s*)(?=::)/;
/** GitHub, Azure and TeamCity read `##[…`, `##vso[…` and `##teamcity[…` anywhere in a line. */
const inlineCommand = /#(?=#[\w.-]*\[)/g;

/** Escapes a text to one line. It can neither control the terminal nor be a command to a CI system. */
export function escapeTerminalLine(text: string): string {
  return toVisibleLine(text).replace(lineCommand, '$1\\').replaceAll(inlineCommand, '#\\');
}

/** Joins lines to a text that ends in a line break, each escaped to exactly one line. */
export function joinTerminalLines(lines: readonly string[]): string {
  return lines.map((line) => `${escapeTerminalLine(line)}\n`).join('');
}
