/** Hashes what other files can see of a file, so that only a change of that affects them. */
import { crc32 } from 'node:zlib';
import type { Binding, Facts, FactsDefinition, Variable } from '../facts.ts';
import type { Expression } from './expression.ts';

/**
 * Returns a hash that is equal for two versions of a file if all calls of other files have the same targets with both.
 * Calls, positions and comments do not matter.
 */
export function hashInterface(facts: Facts): string {
  const renderer = new InterfaceRenderer(facts);
  const definitions = facts.definitions.filter(({ name, form }) => name !== '' || form === 'class');
  const parts = [
    facts.exports.map(([name, local]) => [name, typeof local === 'number' ? renderer.definition(local) : local]),
    facts.reexports,
    facts.ambientModules?.map(([name, definition]) => [name, renderer.definition(definition)]),
    definitions.map((definition) => renderer.describe(definition, 0)),
    facts.scopes.map(({ kind, names }) => names.map(([name, binding]) => [kind, name, renderer.binding(binding, 0)])),
  ];
  const text = JSON.stringify(parts);
  return `${crc32(text)}.${text.length}`;
}

/** Deeper parts of a value are left out of the text, because they can only be reached through other definitions. */
const maxDepth = 30;

class InterfaceRenderer {
  readonly #facts: Facts;
  readonly #expressions: (string | undefined)[] = [];

  constructor(facts: Facts) {
    this.#facts = facts;
  }

  definition(index: number): string {
    const definition = this.#facts.definitions[index];
    if (!definition) return '';
    const { name, form, parent } = definition;
    return name === '' ? '' : `${parent < 0 ? '' : `${this.definition(parent)}.`}${name}:${form}`;
  }

  describe(definition: FactsDefinition, depth: number): unknown {
    if (depth > maxDepth) return '';
    const { start, end, line, endLine, parent, scope, body, ...rest } = definition;
    const variables = (list: readonly Variable[] | undefined): unknown =>
      list?.map((item) => this.binding(item, depth + 1));
    return {
      ...rest,
      bases: rest.bases?.map((text) => this.#type(text, depth)),
      returns: rest.returns && this.#type(rest.returns, depth),
      parameters: rest.parameters?.map(({ name, type, form }) => [name, type && this.#type(type, depth), form]),
      parent: this.definition(parent),
      members: rest.members?.map(([name, member]) => [name, this.#reference(member, depth)]),
      fields: rest.fields?.map(([name, field]) => [name, this.binding(field, depth + 1)]),
      results: variables(rest.results),
      overloads: rest.overloads?.map((index) => this.#reference(index, depth)),
      computedBase: rest.computedBase && this.binding(rest.computedBase, depth + 1),
      decorated: rest.decorated && this.binding(rest.decorated, depth + 1),
    };
  }

  /** Returns the text of a type. Object types in it are replaced by their members. */
  #type(text: string, depth: number): unknown {
    if (!text.includes('{#')) return text;
    const objects = [...text.matchAll(/\{#(\d+)\}/g)].map(([, index]) => this.#reference(Number(index), depth));
    return [text.replace(/\{#\d+\}/g, '{}'), objects];
  }

  #reference(index: number, depth: number): unknown {
    const definition = this.#facts.definitions[index];
    return definition?.name === '' ? this.describe(definition, depth + 1) : this.definition(index);
  }

  binding(binding: Binding, depth: number): unknown {
    if (depth > maxDepth) return '';
    if ('definition' in binding) return this.definition(binding.definition);
    if ('self' in binding) return ['self', this.definition(binding.self)];
    if ('owner' in binding) return ['owner', this.definition(binding.owner)];
    if (!('scope' in binding) || 'constraint' in binding) return binding;
    const { type, value, later, branches } = binding;
    return [
      type && this.#type(type, depth),
      value === undefined ? '' : this.#expression(value, depth + 1),
      later?.map((other) => this.binding(other, depth + 1)),
      branches?.map((other) => this.binding(other, depth + 1)),
    ];
  }

  #expression(index: Expression, depth: number): string {
    const cached = this.#expressions[index];
    if (cached !== undefined) return cached;
    const node = this.#facts.expressions[index];
    if (!node || depth > maxDepth) return '';
    this.#expressions[index] = '';
    const [kind, ...operands] = node;
    let parts: unknown[];
    if (kind === 'function' || kind === 'object') parts = [this.#reference(node[1], depth)];
    else if (kind === 'as') parts = [this.#type(node[1], depth)];
    else {
      const isIndex = kind === 'item' || kind === 'argument' || kind === 'parameter';
      parts = operands.map((operand, position) => {
        if (Array.isArray(operand))
          return operand.map((item) => (typeof item === 'number' ? this.#expression(item, depth + 1) : item));
        return typeof operand === 'number' && !(isIndex && position === 1)
          ? this.#expression(operand, depth + 1)
          : operand;
      });
    }
    const text = JSON.stringify([kind, parts]);
    // Long texts are replaced by their hash, because the expressions that contain them would repeat them.
    const short = text.length > 200 ? `${crc32(text)}.${text.length}` : text;
    this.#expressions[index] = short;
    return short;
  }
}
