/** What the captures of JavaScript and TypeScript mean: one row each. */
import type { Syntax } from '../extract/facts-builder.ts';
import { call, construction, decorator } from './ecmascript-calls.ts';
import {
  alias,
  assignment,
  classLike,
  entry,
  entryField,
  entryMethod,
  field,
  functionLike,
  method,
  namespace,
  pair,
  shorthand,
} from './ecmascript-definitions.ts';
import { exported, importAlias, imported, whole } from './ecmascript-modules.ts';
import { arrow, block, caught, expression, loop, staticBlock } from './ecmascript-scopes.ts';
import { declaration, hoisted } from './ecmascript-variables.ts';

export const ecmascript: Syntax = {
  call,
  new: construction,
  decorator,
  function: functionLike,
  signature: functionLike,
  class: (sweep, node) => classLike(sweep, node, 'class'),
  interface: (sweep, node) => classLike(sweep, node, 'interface'),
  enum: (sweep, node) => classLike(sweep, node, 'enum'),
  alias,
  namespace,
  method,
  entrymethod: entryMethod,
  field,
  entryfield: entryField,
  pair,
  entry,
  shorthand,
  assignment,
  var: hoisted,
  let: declaration,
  arrow,
  expression,
  block,
  loop,
  catch: caught,
  static: staticBlock,
  import: imported,
  export: exported,
  whole,
  importalias: importAlias,
};
