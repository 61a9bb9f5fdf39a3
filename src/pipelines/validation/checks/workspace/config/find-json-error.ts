/** Finds syntax errors in JSON, either strict or with comments and trailing commas. */

import { type ParseError, parse, printParseErrorCode } from 'jsonc-parser';
import { findDeepBracket } from '../../../../../protocol/json-depth.ts';
import type { TextError } from '../../../check/findings.ts';
import { lineAt } from '../../../check/source-code.ts';

export interface JsonRules {
  readonly comments: boolean;
  readonly trailingCommas: boolean;
}

const strictRules: JsonRules = { comments: false, trailingCommas: false };

/**
 * Returns the first syntax error, or undefined if the text is valid. Tries `JSON.parse` first, because it is ten times
 * as fast and most texts are valid.
 */
export function findJsonError(text: string, rules: JsonRules = strictRules): TextError | undefined {
  const plain = text.replace(/^\uFEFF/, '');
  if (isStrictJson(plain)) return undefined;
  const errors: ParseError[] = [];
  // The parser calls itself for each level.
  if (findDeepBracket(plain) !== undefined) return { line: 1, message: 'Invalid JSON: nested too deeply.' };
  parse(plain, errors, { disallowComments: !rules.comments, allowTrailingComma: rules.trailingCommas });
  const [first] = errors;
  if (!first) return undefined;
  const reason = printParseErrorCode(first.error).replace(/(?<!^)[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return { line: lineAt(plain, first.offset), message: `Invalid JSON: ${reason.toLowerCase()}.` };
}

function isStrictJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
