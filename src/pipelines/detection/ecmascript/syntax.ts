/** What the captures of JavaScript and TypeScript mean: one row each. */
import type { Syntax } from '../sweep.ts';
import { call, construction, decorator } from './call.ts';
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
} from './definition.ts';
import { exported, importAlias, imported, whole } from './module.ts';
import { arrow, block, caught, expression, loop, staticBlock } from './scope.ts';
import { declaration, hoisted } from './variable.ts';

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
