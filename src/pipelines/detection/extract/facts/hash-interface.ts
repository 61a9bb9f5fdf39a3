/** Hashes what other files can see of a file, so that only a change of that affects them. */
import { crc32 } from 'node:zlib';
import type { Binding, Facts, FactsDefinition, Variable } from '../facts.ts';
import type { Expression, ExpressionNode } from './expression.ts';

/**
 * Returns a hash that is equal for two versions of a file if all calls of other files have the same targets with both.
 * Calls, positions and comments do not matter.
 */
export function hashInterface(facts: Facts): string {
  const renderer = new InterfaceRenderer(facts);
  const parts: string[] = [];
  for (const [name, local] of facts.exports) {
    parts.push(`export ${name} ${typeof local === 'number' ? `=${renderer.nameOf(local)}` : local}`);
  }
  for (const reexport of facts.reexports) parts.push(`reexport ${reexport.join(' ')}`);
  for (const [name, definition] of facts.ambientModules ?? []) {
    parts.push(`ambient ${name} ${renderer.nameOf(definition)}`);
  }
  for (const [index, { name, form }] of facts.definitions.entries()) {
    if (name !== '' || form === 'class') parts.push(renderer.describe(index));
  }
  for (const { kind, names } of facts.scopes) {
    parts.push(kind);
    for (const [name, binding] of names) parts.push(`${name} ${renderer.binding(binding)}`);
  }
  const text = parts.join('\n');
  return `${crc32(text)}.${text.length}`;
}

/** Limits the recursion. Deeper parts are left out, because they can only be reached through other definitions. */
const maxDepth = 300;
/** Longer texts of parts are replaced by their hash, because everything that contains the part would repeat them. */
const maxPartLength = 100;

/** Renders the parts of a file as text, each one once. */
class InterfaceRenderer {
  readonly #facts: Facts;
  readonly #names: string[] = [];
  readonly #definitions: string[] = [];
  readonly #expressions: string[] = [];
  readonly #variables = new Map<Variable, string>();
  #depth = 0;

  constructor(facts: Facts) {
    this.#facts = facts;
  }

  /** Returns the path of a definition, or an empty text if it has no name. */
  nameOf(index: number): string {
    const cached = this.#names[index];
    if (cached !== undefined) return cached;
    const definition = this.#facts.definitions[index];
    const { name = '', form, parent = -1 } = definition ?? {};
    const text = name === '' ? '' : `${parent < 0 ? '' : `${this.nameOf(parent)}.`}${name}:${form}`;
    this.#names[index] = text;
    return text;
  }

  /** Returns what can be seen of a definition. */
  describe(index: number): string {
    return this.#render(this.#definitions, index, () => {
      const definition = this.#facts.definitions[index];
      return definition ? this.#describe(definition, index) : '';
    });
  }

  #describe(definition: FactsDefinition, index: number): string {
    const { form, parent, typeParameters, parameters, bases, returns, constructs, overloads, members, fields } =
      definition;
    let text = `${form} ${this.nameOf(index)} in ${parent < 0 ? '' : this.nameOf(parent)}`;
    for (const flag of flags) if (definition[flag]) text += ` ${flag}`;
    for (const { name, constraint = '', initial = '' } of typeParameters ?? []) {
      text += `<${name}:${this.#type(constraint)}=${this.#type(initial)}`;
    }
    for (const { name, type, form: parameterForm = '' } of parameters ?? []) {
      text += `(${name}${parameterForm}:${type === undefined ? '' : this.#type(type)}`;
    }
    for (const base of bases ?? []) text += `^${this.#type(base)}`;
    if (returns !== undefined) text += `:${this.#type(returns)}`;
    if (constructs !== undefined) text += `!${this.#type(constructs)}`;
    for (const overload of overloads ?? []) text += `|${this.#reference(overload)}`;
    for (const [name, member] of members ?? []) text += `.${name} ${this.#reference(member)}`;
    for (const [name, field] of fields ?? []) text += `;${name} ${this.binding(field)}`;
    for (const result of definition.results ?? []) text += `>${this.binding(result)}`;
    if (definition.computedBase) text += `*${this.binding(definition.computedBase)}`;
    if (definition.decorated) text += `@${this.binding(definition.decorated)}`;
    return text;
  }

  /** Returns a type in which object types are replaced by what they describe. */
  #type(text: string): string {
    return text.includes('{#')
      ? text.replace(/\{#(\d+)\}/g, (_, index: string) => `{${this.#reference(Number(index))}}`)
      : text;
  }

  /** Named definitions are described by themselves. */
  #reference(index: number): string {
    return this.#facts.definitions[index]?.name === '' ? this.describe(index) : this.nameOf(index);
  }

  binding(binding: Binding): string {
    if ('definition' in binding) return `=${this.nameOf(binding.definition)}`;
    if ('from' in binding) return `from ${binding.from} ${binding.name}`;
    if ('self' in binding) return `self ${this.nameOf(binding.self)}`;
    if ('owner' in binding) return `owner ${this.nameOf(binding.owner)}`;
    if ('constraint' in binding) return `is ${this.#type(binding.constraint)}`;
    const cached = this.#variables.get(binding);
    if (cached !== undefined) return cached;
    if (this.#depth > maxDepth) return '';
    this.#variables.set(binding, '^');
    this.#depth++;
    const text = shorten(this.#variable(binding));
    this.#depth--;
    this.#variables.set(binding, text);
    return text;
  }

  #variable({ type, value, later, branches, static: isStatic }: Variable): string {
    let text = isStatic ? 'static ' : '';
    if (type !== undefined) text += `:${this.#type(type)}`;
    if (value !== undefined) text += `=${this.#expression(value)}`;
    for (const other of later ?? []) text += `,${this.binding(other)}`;
    for (const branch of branches ?? []) text += `|${this.binding(branch)}`;
    return text;
  }

  #expression(index: Expression): string {
    return this.#render(this.#expressions, index, () => {
      const node = this.#facts.expressions[index];
      return node ? this.#node(node) : '';
    });
  }

  #node(node: ExpressionNode): string {
    const [kind] = node;
    if (kind === 'function' || kind === 'object') return `${kind} ${this.#reference(node[1])}`;
    if (kind === 'as') return `as ${this.#type(node[1])}`;
    let text: string = kind;
    // The second operand of these is an index or a key, not an expression.
    const isIndexed = kind === 'item' || kind === 'argument' || kind === 'parameter';
    for (let position = 1; position < node.length; position++) {
      const operand = node[position] as Expression | string | boolean | undefined | readonly (Expression | string)[];
      if (typeof operand === 'number') text += ` ${isIndexed && position === 2 ? operand : this.#expression(operand)}`;
      else if (typeof operand === 'object') {
        text += ' (';
        for (const item of operand) text += `${typeof item === 'number' ? this.#expression(item) : this.#type(item)},`;
      } else if (operand !== undefined) text += ` ${typeof operand === 'string' ? `'${operand}` : operand}`;
    }
    return text;
  }

  /** Renders a part once. A part that contains itself is marked by `^`. */
  #render(cache: string[], index: number, render: () => string): string {
    const cached = cache[index];
    if (cached !== undefined) return cached;
    if (this.#depth > maxDepth) return '';
    cache[index] = '^';
    this.#depth++;
    const text = shorten(render());
    this.#depth--;
    cache[index] = text;
    return text;
  }
}

const flags = [
  'async',
  'callable',
  'coroutine',
  'fixture',
  'generator',
  'getter',
  'manager',
  'overload',
  'registered',
  'replaced',
  'static',
  'stub',
] as const satisfies readonly (keyof FactsDefinition)[];

function shorten(text: string): string {
  return text.length > maxPartLength ? `#${crc32(text)}.${text.length}` : text;
}
