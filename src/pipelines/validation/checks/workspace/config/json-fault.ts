/** Where a text is no JSON, strictly or as those programs read it that allow comments. */
import { type ParseError, parse, printParseErrorCode } from 'jsonc-parser';
import type { Fault } from '../../../check/findings.ts';
import { lineAt } from '../../../check/source-code.ts';

export interface JsonRules {
  readonly comments: boolean;
  readonly trailingCommas: boolean;
}

const strict: JsonRules = { comments: false, trailingCommas: false };

/** The first fault. Node's own reader goes first: it is ten times as fast, and nearly all texts are right. */
export function jsonFault(text: string, rules: JsonRules = strict): Fault | undefined {
  const plain = text.replace(/^\uFEFF/, '');
  if (isJson(plain)) return undefined;
  const errors: ParseError[] = [];
  parse(plain, errors, { disallowComments: !rules.comments, allowTrailingComma: rules.trailingCommas });
  const [first] = errors;
  if (!first) return undefined;
  const what = printParseErrorCode(first.error).replace(/(?<!^)[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return { line: lineAt(plain, first.offset), message: `No JSON: ${what.toLowerCase()}.` };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
