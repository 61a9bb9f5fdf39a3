/** Parses compiler diagnostics: file, line, column and message. */
import type { Finding } from '../../../../../protocol/validation/validation.ts';
import { toWorkspacePath } from './tool.ts';

/** Diagnostic formats: `file:line:column: message` of most tools, `file(line,column): message` of tsc. */
const plainFormat = /^(.+?):(\d+)(?::(\d+))?:\s*(.+)$/;
const tscFormat = /^(.+?)\((\d+),(\d+)\):\s*(.+)$/;

interface DiagnosticOptions {
  readonly root: string;
  /** Folder that the paths are relative to. */
  readonly folder: string;
  /** Matches the messages of errors. Other lines, such as notes, are skipped. */
  readonly message?: RegExp;
}

/** Parses the diagnostics in the output of a tool. Skips repeated lines. */
export function parseDiagnostics(
  output: string,
  { root, folder, message = /./ }: DiagnosticOptions,
  format: 'plain' | 'tsc' = 'plain',
): Finding[] {
  const seen = new Set<string>();
  return output.split('\n').flatMap((line) => {
    const [, path, number, , text] = (format === 'plain' ? plainFormat : tscFormat).exec(line.trimEnd()) ?? [];
    if (!path || !text || !message.test(text) || seen.has(line)) return [];
    seen.add(line);
    return [{ file: toWorkspacePath(root, folder, path.trim()), line: Number(number), message: text }];
  });
}
