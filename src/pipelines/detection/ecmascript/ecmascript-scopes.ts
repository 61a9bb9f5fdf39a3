/** Scopes of JavaScript and TypeScript, and the names that parameters and patterns bind in them. */
import type { Node } from 'web-tree-sitter';
import { defined } from '../../../protocol/defined.ts';
import type { ScopeOptions, Sweep } from '../extract/facts-builder.ts';
import { typeName } from './ecmascript-expressions.ts';

/** Opens the code of a definition that was announced before, or of none. */
function enterFunction(sweep: Sweep, node: Node, options: ScopeOptions): void {
  sweep.enter('function', node.endIndex, options);
  bindParameters(sweep, node);
}

export function arrow(sweep: Sweep, node: Node): void {
  const definition = takePending(sweep, node);
  enterFunction(sweep, node, definition === undefined ? {} : { definition });
}

/** A function expression has a `this` of its own: known only where it is a method. */
export function expression(sweep: Sweep, node: Node): void {
  const announced = takePending(sweep, node);
  const name = node.childForFieldName('name');
  let definition = announced;
  if (definition === undefined && name) definition = sweep.define(node, sweep.text(name), 'function');
  const draft = definition === undefined ? undefined : sweep.definitions[definition];
  const owner = draft?.form === 'method' ? draft.parent : -1;
  enterFunction(sweep, node, {
    ...defined({ definition }),
    owner,
    static: draft?.static === true && owner >= 0 && sweep.definitions[owner]?.form !== 'object',
  });
  if (name && definition !== undefined) sweep.bind(sweep.text(name), { definition });
}

export function block(sweep: Sweep, node: Node): void {
  sweep.enter('block', node.endIndex);
}

export function loop(sweep: Sweep, node: Node): void {
  sweep.enter('block', node.endIndex);
  const left = node.childForFieldName('left');
  if (!left || !node.childForFieldName('kind')) return;
  for (const name of namesIn(left, sweep.source)) sweep.bind(name, { scope: sweep.scopeIndex });
}

export function caught(sweep: Sweep, node: Node): void {
  sweep.enter('block', node.endIndex);
  const parameter = node.childForFieldName('parameter');
  if (!parameter) return;
  for (const name of namesIn(parameter, sweep.source)) sweep.bind(name, { scope: sweep.scopeIndex });
}

export function staticBlock(sweep: Sweep, node: Node): void {
  sweep.enter('function', node.endIndex, { owner: sweep.scope.owner, static: true });
}

/** Definition that waits for the code starting at this node. */
export function takePending(sweep: Sweep, node: Node): number | undefined {
  const definition = sweep.pending.get(node.startIndex);
  if (definition !== undefined) sweep.pending.delete(node.startIndex);
  return definition;
}

const property = /^(?:(?:public|private|protected|readonly|override)\s+)+/;

/** Binds a function's parameters in the open scope, and the fields that a constructor's parameters declare. */
export function bindParameters(sweep: Sweep, node: Node): void {
  const { source, scopeIndex: scope } = sweep;
  const list = node.childForFieldName('parameters');
  if (!list) {
    const single = node.childForFieldName('parameter');
    if (single) sweep.bind(sweep.text(single), { scope });
    return;
  }
  if (source[list.startIndex + 1] === ')') return;
  for (const parameter of list.namedChildren) {
    if (parameter.type === 'identifier') {
      sweep.bind(sweep.text(parameter), { scope });
      continue;
    }
    if (parameter.type !== 'required_parameter' && parameter.type !== 'optional_parameter') {
      for (const name of namesIn(parameter, source)) sweep.bind(name, { scope });
      continue;
    }
    const pattern = parameter.childForFieldName('pattern');
    if (!pattern) continue;
    if (pattern.type !== 'identifier') {
      for (const name of namesIn(pattern, source)) sweep.bind(name, { scope });
      continue;
    }
    const name = sweep.text(pattern);
    const type = typeName(parameter.childForFieldName('type'), source);
    sweep.bind(name, { ...(type ? { type } : {}), scope });
    if (property.test(source.slice(parameter.startIndex, pattern.startIndex))) {
      sweep.addField(sweep.scope.owner, name, type ? { type } : {});
    }
  }
}

/** Every name that a pattern binds. */
export function namesIn(node: Node, source: string, names: string[] = []): string[] {
  switch (node.type) {
    case 'identifier':
    case 'shorthand_property_identifier_pattern':
      names.push(source.slice(node.startIndex, node.endIndex));
      break;
    case 'required_parameter':
    case 'optional_parameter': {
      const pattern = node.childForFieldName('pattern');
      if (pattern) namesIn(pattern, source, names);
      break;
    }
    case 'assignment_pattern':
    case 'object_assignment_pattern': {
      const left = node.childForFieldName('left');
      if (left) namesIn(left, source, names);
      break;
    }
    case 'pair_pattern': {
      const value = node.childForFieldName('value');
      if (value) namesIn(value, source, names);
      break;
    }
    default:
      for (const child of node.namedChildren) namesIn(child, source, names);
  }
  return names;
}
