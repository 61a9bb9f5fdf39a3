/** Finds syntax errors in TOML. */
import { parse, TomlError } from 'smol-toml';
import type { TextError } from '../../../check/findings.ts';

/** Returns the first syntax error, or undefined if the text is valid. */
export function findTomlError(text: string): TextError | undefined {
  try {
    parse(text.replace(/^\uFEFF/, ''));
    return undefined;
  } catch (error) {
    const line = error instanceof TomlError ? { line: error.line } : {};
    const [firstLine = ''] = String(error instanceof Error ? error.message : error).split('\n');
    return { ...line, message: `Invalid TOML: ${firstLine.replace(/^Invalid TOML document: /, '')}.` };
  }
}
