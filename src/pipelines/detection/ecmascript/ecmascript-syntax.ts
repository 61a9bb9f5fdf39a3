/** Handlers for the captures of JavaScript and TypeScript. */
import type { LanguageSyntax } from '../extract/facts-builder.ts';
import { handleAssignment } from './ecmascript-assignments.ts';
import { handleCall, handleComparison, handleDecorator, handleNew } from './ecmascript-calls.ts';
import {
  handleAlias,
  handleClassLike,
  handleFunction,
  handleNamespace,
  handleObject,
} from './ecmascript-definitions.ts';
import {
  handleEntry,
  handleEntryField,
  handleEntryMethod,
  handleField,
  handleIndexSignature,
  handleMethod,
  handlePair,
  handleShorthand,
  handleSignature,
  handleSpread,
} from './ecmascript-members.ts';
import { handleExport, handleExportAssignment, handleImport, handleImportAlias } from './ecmascript-modules.ts';
import {
  handleArrow,
  handleBlock,
  handleCatch,
  handleCondition,
  handleFunctionExpression,
  handleLoop,
  handleReturn,
  handleStaticBlock,
} from './ecmascript-scopes.ts';
import { handleDeclaration, handleVar } from './ecmascript-variables.ts';

export const ecmascript: LanguageSyntax = {
  call: handleCall,
  new: handleNew,
  decorator: handleDecorator,
  comparison: handleComparison,
  function: handleFunction,
  signature: handleFunction,
  class: (builder, node) => handleClassLike(builder, node, 'class'),
  interface: (builder, node) => handleClassLike(builder, node, 'interface'),
  enum: (builder, node) => handleClassLike(builder, node, 'enum'),
  alias: handleAlias,
  namespace: handleNamespace,
  method: handleMethod,
  entrymethod: handleEntryMethod,
  field: handleField,
  entryfield: handleEntryField,
  pair: handlePair,
  entry: handleEntry,
  shorthand: handleShorthand,
  assignment: handleAssignment,
  var: handleVar,
  let: handleDeclaration,
  arrow: handleArrow,
  expression: handleFunctionExpression,
  block: handleBlock,
  loop: handleLoop,
  object: handleObject,
  spread: handleSpread,
  callsignature: handleSignature,
  indexsignature: handleIndexSignature,
  return: handleReturn,
  condition: handleCondition,
  catch: handleCatch,
  static: handleStaticBlock,
  import: handleImport,
  export: handleExport,
  whole: handleExportAssignment,
  importalias: handleImportAlias,
};
