/** Options of Babel that accept what compilers reject for other reasons than its syntax. */
import type { ParserOptions } from '@babel/parser';

export const tolerantOptions: ParserOptions = {
  sourceType: 'unambiguous',
  errorRecovery: true,
  attachComment: false,
  allowAwaitOutsideFunction: true,
  allowNewTargetOutsideFunction: true,
  allowReturnOutsideFunction: true,
  allowSuperOutsideMethod: true,
  allowUndeclaredExports: true,
};
