import { type Ancestor, isClass, isFunction, type SyntaxNode } from './syntax-tree.ts';

/** Names of one function. */
export interface FunctionNames {
  /** Name to show: that of the inspector, prefixed by the class of a method. */
  readonly name: string;
  /** Name that the inspector of this version of Node reports; empty if the function is anonymous. */
  readonly inspectorName: string;
  /** Names under which other versions of V8 report the function. */
  readonly otherNames: readonly string[];
}

/** Nodes between a function and the code that names it, which V8 looks through. */
const transparent =
  /^(Array|Conditional|Sequence)Expression$|^(SpreadElement|ObjectExpression|ObjectPattern|ArrayPattern)$/;
/** Nodes that some versions of V8 look through. */
const sometimesTransparent = /^(Logical|Await)Expression$/;

/** Returns the names of a function or class, as V8 derives them from the code around it. */
export function namesOf(node: SyntaxNode, ancestors: Ancestor | undefined): FunctionNames {
  const parent = ancestors?.node;
  const definedName = textOf(node['id']) || (parent ? nameGivenBy(parent, node) : '');
  if (definedName) {
    if (parent?.['kind'] === 'constructor') {
      const className = classNameOf(ancestors);
      return { name: className, inspectorName: className, otherNames: ['constructor'] };
    }
    const isMember = parent !== undefined && /^(Method|Property)Definition$/.test(parent.type);
    const prefix = isMember ? classNameOf(ancestors, prefixOf) : '';
    return { name: prefix ? `${prefix}.${definedName}` : definedName, inspectorName: definedName, otherNames: [] };
  }
  const { name, isCertain } = inferName(node, ancestors);
  if (isCertain) return { name, inspectorName: name, otherNames: [] };
  return { name: '', inspectorName: '', otherNames: name ? [name] : [] };
}

/** Returns the name of a class if it has one or is directly assigned to one; otherwise the empty string. */
function prefixOf(node: SyntaxNode, ancestors: Ancestor | undefined): string {
  const isDirect = node['id'] || !/^(Array|Conditional|Sequence)Expression$/.test(ancestors?.node.type ?? '');
  return isDirect ? nameOfClass(node, ancestors) : '';
}

/** Returns the name of a class, or the empty string. */
export function nameOfClass(node: SyntaxNode, ancestors: Ancestor | undefined): string {
  return textOf(node['id']) || namesOf(node, ancestors).inspectorName;
}

/** Returns the name that a definition gives to the function that is its value. */
function nameGivenBy(parent: SyntaxNode, node: SyntaxNode): string {
  switch (parent.type) {
    case 'VariableDeclarator':
      return textOf(parent['id']);
    case 'AssignmentExpression':
    case 'AssignmentPattern':
      return parent['right'] === node ? textOf(parent['left']) : '';
    case 'MethodDefinition':
    case 'PropertyDefinition':
    case 'Property':
      return parent['value'] !== node || parent['computed'] ? '' : accessorPrefix(parent) + keyOf(parent);
    case 'ExportDefaultDeclaration':
      return 'default';
    default:
      return '';
  }
}

/** Returns the names of variables and properties around an anonymous function, joined by dots, as V8 does. */
function inferName(node: SyntaxNode, ancestors: Ancestor | undefined): { name: string; isCertain: boolean } {
  const parts: string[] = [];
  let isCertain = true;
  let child = node;
  for (let ancestor = ancestors; ancestor; child = ancestor.node, ancestor = ancestor.up) {
    const { node: parent } = ancestor;
    if (parent.type === 'Property') {
      if (!parent['computed']) parts.unshift(keyOf(parent));
    } else if (parent.type === 'PropertyDefinition' && child !== node) {
      parts.unshift(keyOf(parent));
      break;
    } else if (
      parent.type === 'VariableDeclarator' ||
      (parent.type === 'AssignmentPattern' && parent['right'] === child)
    ) {
      const target = textOf(parent['id'] ?? parent['left']);
      // V8 drops a variable in front of another one.
      if (parts.length === 0 || child.type !== 'AssignmentExpression') parts.unshift(...(target ? [target] : []));
      if (isParameter(ancestor)) return { name: '', isCertain };
      const property = ancestor.up?.node;
      if (parent.type === 'AssignmentPattern' && property?.type === 'Property') parts.unshift(keyOf(property));
      break;
    } else if (parent.type === 'AssignmentExpression' && parent['right'] === child) {
      const target = memberParts(parent['left'] as SyntaxNode);
      // V8 drops a variable in front of another one.
      if (!(target.length === 1 && parts.length > 0 && child.type === 'AssignmentExpression')) parts.unshift(...target);
      const outer = ancestor.up?.node;
      if (outer?.type !== 'AssignmentExpression' && outer?.type !== 'VariableDeclarator') break;
    } else if (sometimesTransparent.test(parent.type)) isCertain = false;
    else if (!transparent.test(parent.type)) return { name: '', isCertain };
  }
  if (parts.length === 0) return { name: '', isCertain };
  const constructorName = enclosingConstructor(ancestors);
  return { name: [...(constructorName ? [constructorName] : []), ...parts].join('.'), isCertain };
}

/** Returns true if a pattern with a default value belongs to the parameters of a function. */
function isParameter(pattern: Ancestor): boolean {
  let ancestor: Ancestor | undefined = pattern;
  while (ancestor && /Pattern$|^Property$|^RestElement$/.test(ancestor.node.type)) ancestor = ancestor.up;
  return ancestor !== undefined && isFunction(ancestor.node);
}

/** Returns the names in the target of an assignment: `Repo.prototype.find` yields `Repo` and `find`. */
function memberParts(target: SyntaxNode): string[] {
  if (target.type === 'Identifier') return [String(target['name'])];
  if (target.type !== 'MemberExpression')
    return target.type === 'CallExpression' ? memberParts(target['callee'] as SyntaxNode) : [];
  const object = memberParts(target['object'] as SyntaxNode);
  const property = target['property'] as SyntaxNode;
  const name = target['computed'] ? computedName(property) : textOf(property);
  return name === 'prototype' ? object : [...object, name];
}

function computedName(property: SyntaxNode): string {
  if (property.type === 'Literal' && typeof property['value'] === 'string') return property['value'];
  const [quasi] = property.type === 'TemplateLiteral' ? (property['quasis'] as SyntaxNode[]) : [];
  const isPlainTemplate = quasi && (property['expressions'] as unknown[]).length === 0;
  return isPlainTemplate ? String((quasi['value'] as { readonly cooked?: unknown }).cooked) : '<computed>';
}

/** Returns the name of the enclosing function or class if it looks like a constructor. */
function enclosingConstructor(ancestors: Ancestor | undefined): string {
  for (let ancestor = ancestors; ancestor; ancestor = ancestor.up) {
    const { node, up } = ancestor;
    if (!isFunction(node)) continue;
    if (node.type === 'ArrowFunctionExpression') continue;
    const name = up?.node['kind'] === 'constructor' ? classNameOf(up) : textOf(node['id']);
    return /^\p{Lu}/u.test(name) ? name : '';
  }
  return '';
}

/** Returns the name of the class around a member; an anonymous class is named by the code around it. */
function classNameOf(member: Ancestor | undefined, nameOf = nameOfClass): string {
  for (let ancestor = member; ancestor; ancestor = ancestor.up) {
    if (isClass(ancestor.node)) return nameOf(ancestor.node, ancestor.up);
  }
  return '';
}

function accessorPrefix(node: SyntaxNode): string {
  return node['kind'] === 'get' || node['kind'] === 'set' ? `${node['kind']} ` : '';
}

function keyOf(node: SyntaxNode): string {
  return textOf(node['key']);
}

function textOf(value: unknown): string {
  const node = value as SyntaxNode | null | undefined;
  if (node?.type === 'Identifier') return String(node['name']);
  if (node?.type === 'PrivateIdentifier') return `#${String(node['name'])}`;
  // A big integer has no value in a runtime without them, but always its digits.
  if (node?.type === 'Literal') return String(node['bigint'] ?? node['value']);
  return '';
}
