/** Formats workflow commands of GitHub Actions (see “Workflow commands” in GitHub's documentation). */
import { toVisibleLine } from './visible-line.ts';

/** Returns a command without a line break, such as `::error title=…::text`. */
export function formatWorkflowCommand(
  level: 'error' | 'warning' | 'notice',
  properties: Readonly<Record<string, string | number>>,
  text: string,
): string {
  const list = Object.entries(properties).map(
    ([key, value]) => `${key}=${escapeData(String(value)).replaceAll(':', '%3A').replaceAll(',', '%2C')}`,
  );
  return `::${level} ${list.join(',')}::${escapeData(text)}`;
}

/** Escapes as GitHub's toolkit does. Line breaks were removed before, and `##[` would be read as an older command. */
function escapeData(text: string): string {
  return toVisibleLine(text).replaceAll('%', '%25').replaceAll('##', '#%23');
}
