/** Formats messages for VS Code, which turns `[text](command:…)` in notifications and progress into a link. */
import { toVisibleLine } from './visible-line.ts';

/** Escapes a text to a single line without links. */
export function escapeMessage(text: string): string {
  return toVisibleLine(text).trim().replaceAll('](', '] (');
}
