/** Reads the lines in which compilers tell of faults: file, line, column, message. */
import type { Finding } from '../../../../../protocol/validation.ts';
import { placed } from './tool.ts';

/** `file:line:column: message`, as most write it; `file(line,column): message` as tsc does. */
const plain = /^(.+?):(\d+)(?::(\d+))?:\s*(.+)$/;
const compact = /^(.+?)\((\d+),(\d+)\):\s*(.+)$/;

export interface Told {
  readonly root: string;
  /** Folder that the paths are relative to. */
  readonly folder: string;
  /** Lines whose message does not fit are no faults, such as notes. */
  readonly message?: RegExp;
}

export function faultsIn(
  output: string,
  { root, folder, message = /./ }: Told,
  form: 'plain' | 'compact' = 'plain',
): Finding[] {
  const seen = new Set<string>();
  return output.split('\n').flatMap((line) => {
    const [, path, number, , text] = (form === 'plain' ? plain : compact).exec(line.trimEnd()) ?? [];
    if (!path || !text || !message.test(text) || seen.has(line)) return [];
    seen.add(line);
    return [{ file: placed(root, folder, path.trim()), line: Number(number), message: text }];
  });
}
