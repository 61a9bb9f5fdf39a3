/** Definitions of JavaScript and TypeScript. */
import type { Node } from 'web-tree-sitter';
import type { Draft, Sweep } from '../extract/facts-builder.ts';
import { requireOf, typeName, valueText } from './ecmascript-expressions.ts';
import { bindParameters, takePending } from './ecmascript-scopes.ts';

export function functionLike(sweep: Sweep, node: Node): void {
  const name = node.childForFieldName('name');
  if (!name) return;
  const definition = sweep.define(node, sweep.text(name), 'function', returnsOf(sweep, node));
  sweep.bind(sweep.text(name), { definition });
  if (!node.childForFieldName('body')) return;
  sweep.enter('function', node.endIndex, { definition, owner: -1 });
  bindParameters(sweep, node);
}

/** Classes, interfaces and enumerations: what has members of its own. */
export function classLike(sweep: Sweep, node: Node, form: 'class' | 'interface' | 'enum'): void {
  const name = node.childForFieldName('name');
  const announced = takePending(sweep, node);
  const bases = basesOf(sweep, node);
  let definition = announced;
  if (definition === undefined) {
    if (!name) {
      sweep.enter('class', node.endIndex, { owner: -1 });
      return;
    }
    const text = sweep.text(name);
    definition = sweep.define(node, text, form, bases);
    // The name of a class expression is known only inside it; interfaces of one name, or a class and its interface, merge.
    if (node.type !== 'class') bindMerged(sweep, text, definition, form);
  } else {
    Object.assign(sweep.definitions[definition] as Draft, bases);
  }
  sweep.enter('class', node.endIndex, { definition, owner: definition, static: false });
  if (name && node.type === 'class') sweep.bind(sweep.text(name), { definition });
}

function bindMerged(sweep: Sweep, name: string, definition: number, form: Draft['form']): void {
  const known = sweep.scope.names.find(([other]) => other === name)?.[1];
  if (form === 'interface' && known && 'definition' in known) {
    const first = sweep.definitions[known.definition] as Draft;
    first.members ??= [];
    first.fields ??= [];
    const draft = sweep.definitions[definition] as Draft;
    draft.members = first.members;
    draft.fields = first.fields;
    return;
  }
  sweep.bind(name, { definition });
}

export function alias(sweep: Sweep, node: Node): void {
  const name = node.childForFieldName('name');
  const value = node.childForFieldName('value');
  if (!name || !value) return;
  const parts = value.type === 'intersection_type' ? value.namedChildren : [value];
  const bases = parts.flatMap((part) => typeName(part, sweep.source) ?? []);
  const text = sweep.text(name);
  const definition = sweep.define(node, text, 'alias', bases.length > 0 ? { bases } : {});
  if (sweep.find(text) === undefined) sweep.bind(text, { definition });
  if (value.type !== 'object_type') return;
  sweep.moveTo(value.startIndex);
  sweep.enter('class', value.endIndex, { definition, owner: definition, static: false });
}

export function namespace(sweep: Sweep, node: Node): void {
  const name = node.childForFieldName('name');
  if (!name) return;
  const text = sweep.text(name);
  if (name.type === 'string') {
    sweep.enter('block', node.endIndex);
    return;
  }
  const known = sweep.find(text);
  const definition = sweep.define(node, text, 'namespace');
  if (known === undefined) sweep.bind(text, { definition });
  sweep.enter('function', node.endIndex, { definition, owner: -1 });
}

/** A member of the open class or interface. */
export function method(sweep: Sweep, node: Node): void {
  defineMethod(sweep, node, sweep.scope.kind === 'class' ? sweep.scope.owner : -1);
}

/** A method of an object literal or type, which may be one without a name inside another member. */
export function entryMethod(sweep: Sweep, node: Node): void {
  defineMethod(sweep, node, ownerOf(sweep, node));
}

function defineMethod(sweep: Sweep, node: Node, owner: number): void {
  const name = node.childForFieldName('name');
  if (!name) return;
  const before = sweep.source.slice(node.startIndex, name.startIndex);
  const isStatic = /(?:^|\s)static\s/.test(before);
  const text = nameText(sweep, name);
  const definition = sweep.define(node, text, 'method', {
    ...returnsOf(sweep, node),
    ...(isStatic ? { static: true } : {}),
    ...(/(?:^|\s)get\s+$/.test(before) ? { getter: true } : {}),
  });
  if (owner >= 0) addFirst(sweep, owner, text, definition, node);
  // Parameters of a signature without code are seen by nobody.
  if (!node.childForFieldName('body')) return;
  sweep.enter('function', node.endIndex, { definition, owner, static: isStatic });
  bindParameters(sweep, node);
}

/** Overloads come before the code: the last signature with code is the one that is reached. */
function addFirst(sweep: Sweep, owner: number, name: string, definition: number, node: Node): void {
  const members = sweep.definitions[owner]?.members;
  const known = members?.findIndex(([other, index]) => {
    const draft = sweep.definitions[index] as Draft;
    return other === name && draft.static === sweep.definitions[definition]?.static && !draft.getter;
  });
  if (members && known !== undefined && known >= 0) {
    if (node.type === 'method_definition') members[known] = [name, definition];
    return;
  }
  sweep.addMember(owner, name, definition);
}

export function field(sweep: Sweep, node: Node): void {
  if (sweep.scope.kind === 'class') addField(sweep, node, sweep.scope.owner);
}

/** A property of an object type. */
export function entryField(sweep: Sweep, node: Node): void {
  const owner = ownerOf(sweep, node);
  if (owner >= 0) addField(sweep, node, owner);
}

function addField(sweep: Sweep, node: Node, owner: number): void {
  const name = node.childForFieldName('name') ?? node.childForFieldName('property');
  if (!name) return;
  const text = nameText(sweep, name);
  const value = node.childForFieldName('value');
  const isStatic = /(?:^|\s)static\s/.test(sweep.source.slice(node.startIndex, name.startIndex));
  const definition = value ? defineValue(sweep, node, text, value, 'method') : undefined;
  if (definition !== undefined) {
    if (isStatic) (sweep.definitions[definition] as Draft).static = true;
    if (owner >= 0) sweep.addMember(owner, text, definition);
    return;
  }
  const type = typeName(node.childForFieldName('type'), sweep.source);
  const from = value && !type ? valueText(value, sweep.source) : undefined;
  sweep.addField(owner, text, { ...(type ? { type } : {}), ...(from ? { value: from } : {}) });
}

/** An entry of an object literal that has code or members of its own. */
export function pair(sweep: Sweep, node: Node): void {
  const key = node.childForFieldName('key');
  const value = node.childForFieldName('value');
  if (!key || !value) return;
  const owner = ownerOf(sweep, node);
  if (owner < 0 && value.type === 'object') return;
  const text = nameText(sweep, key);
  const definition = defineValue(sweep, node, text, value, 'method');
  if (definition !== undefined && owner >= 0) sweep.addMember(owner, text, definition);
}

/** An entry whose value is made elsewhere. */
export function entry(sweep: Sweep, node: Node): void {
  const owner = ownerOf(sweep, node);
  const key = owner < 0 ? null : node.childForFieldName('key');
  const value = node.childForFieldName('value');
  const from = key && value ? valueText(value, sweep.source) : undefined;
  if (key && from) sweep.addField(owner, nameText(sweep, key), { value: from });
}

export function shorthand(sweep: Sweep, node: Node): void {
  const owner = ownerOf(sweep, node);
  if (owner >= 0) sweep.addField(owner, sweep.text(node), { value: sweep.text(node) });
}

/** `exports.name = …`, `Widget.prototype.draw = …`, `this.draw = …`. */
export function assignment(sweep: Sweep, node: Node): void {
  const left = node.childForFieldName('left');
  const name = left?.childForFieldName('property');
  let value = node.childForFieldName('right');
  if (!left || !name || !value) return;
  const text = sweep.text(name);
  const base = sweep.source.slice(left.startIndex, name.startIndex).replace(/\??\.\s*$/, '');
  const isWhole = base === 'module' && text === 'exports';
  const isExport = base === 'exports' || base === 'module.exports';
  while (value?.type === 'assignment_expression') value = value.childForFieldName('right');
  if (!value) return;
  // Where assignments follow each other, the innermost one defines and the others only pass its value on.
  const innermost = value.startIndex === node.childForFieldName('right')?.startIndex;
  const required = isWhole || isExport ? requireOf(value, sweep.source) : undefined;
  if (required) {
    sweep.reexports.push([isWhole ? '=' : text, required.from, required.name]);
    return;
  }
  const owner = assignmentOwner(sweep, base);
  const announced = sweep.pending.get(value.startIndex);
  const form = owner === undefined ? 'function' : 'method';
  const definition = announced ?? defineValue(sweep, node, isWhole ? wholeName(value) : text, value, form, !innermost);
  if (isWhole || isExport) {
    const exported = isWhole ? '=' : text;
    const from = definition ?? valueText(value, sweep.source);
    if (typeof from === 'number' || (from && /^[\w$]+$/.test(from))) sweep.exports.push([exported, from]);
    else if (from) bindExported(sweep, exported, from);
    return;
  }
  if (owner === undefined) return;
  if (definition !== undefined) sweep.addMember(owner, text, definition);
  else if (base === 'this' && !sweep.definitions[owner]?.fields?.some(([other]) => other === text)) {
    const from = valueText(value, sweep.source);
    sweep.addField(owner, text, from ? { value: from } : {});
  }
}

/** An exported value without a name of its own gets one that no source can write. */
function bindExported(sweep: Sweep, name: string, value: string): void {
  sweep.bind(`exports.${name}`, { value, scope: sweep.scopeIndex }, 0);
  sweep.exports.push([name, `exports.${name}`]);
}

function wholeName(value: Node): string {
  return value.childForFieldName('name')?.text ?? 'exports';
}

function assignmentOwner(sweep: Sweep, base: string): number | undefined {
  if (base === 'this') return sweep.scope.owner >= 0 ? sweep.scope.owner : undefined;
  const name = base.replace(/\.prototype$/, '');
  return /^[\w$]+$/.test(name) ? sweep.find(name) : undefined;
}

/**
 * Defines what has code or members of its own: a function, a class, an object literal. Other values define nothing.
 * With `later` the value belongs to an assignment further right, whose capture is still to come.
 */
export function defineValue(
  sweep: Sweep,
  node: Node,
  name: string,
  value: Node,
  form: 'function' | 'method' = 'function',
  later = false,
): number | undefined {
  switch (value.type) {
    case 'arrow_function':
    case 'function_expression':
    case 'generator_function': {
      const definition = sweep.define(node, name, form, returnsOf(sweep, value));
      sweep.pending.set(value.startIndex, definition);
      return definition;
    }
    case 'class': {
      const definition = sweep.define(node, name, 'class');
      sweep.pending.set(value.startIndex, definition);
      return definition;
    }
    case 'object': {
      if (later) return undefined;
      const definition = sweep.define(node, name, 'object');
      sweep.moveTo(value.startIndex);
      sweep.enter('class', value.endIndex, { definition, owner: definition, static: false });
      return definition;
    }
    default:
      return undefined;
  }
}

/** The named object or object type that an entry stands directly in, or -1. */
function ownerOf(sweep: Sweep, node: Node): number {
  const { scope } = sweep;
  if (scope.kind !== 'class' || scope.owner < 0) return -1;
  const { form } = sweep.definitions[scope.owner] as Draft;
  if (form !== 'object' && form !== 'alias') return -1;
  return node.parent?.startIndex === sweep.scopeStart ? scope.owner : -1;
}

function basesOf(sweep: Sweep, node: Node): { bases: string[] } | undefined {
  const heritage = node.namedChildren.find(
    (child) => child.type === 'class_heritage' || child.type === 'extends_type_clause',
  );
  if (!heritage) return undefined;
  if (heritage.type === 'extends_type_clause') {
    return { bases: heritage.namedChildren.flatMap((type) => typeName(type, sweep.source) ?? []) };
  }
  const clause = heritage.firstNamedChild;
  if (!clause || clause.type === 'implements_clause') return undefined;
  const base = clause.type === 'extends_clause' ? clause.childForFieldName('value') : clause;
  // A base that is computed (`mixin(A)`) stays as it is written: no name fits it, and its members are not guessed.
  return base ? { bases: [sweep.text(base).slice(0, 200)] } : undefined;
}

function returnsOf(sweep: Sweep, node: Node): { returns: string } | undefined {
  const returns = typeName(node.childForFieldName('return_type'), sweep.source);
  return returns ? { returns } : undefined;
}

/** A key as a name: quotes of a string key are no part of it. */
function nameText(sweep: Sweep, name: Node): string {
  const text = sweep.text(name);
  return /^['"]/.test(text) ? text.slice(1, -1) : text;
}
