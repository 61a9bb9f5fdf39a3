/** Where a text is no TOML. */
import { parse, TomlError } from 'smol-toml';
import type { Fault } from '../../../check/findings.ts';

/** The first fault. */
export function tomlFault(text: string): Fault | undefined {
  try {
    parse(text.replace(/^\uFEFF/, ''));
    return undefined;
  } catch (error) {
    const line = error instanceof TomlError ? { line: error.line } : {};
    const [first = ''] = String(error instanceof Error ? error.message : error).split('\n');
    return { ...line, message: `No TOML: ${first.replace(/^Invalid TOML document: /, '')}.` };
  }
}
