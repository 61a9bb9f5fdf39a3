/** One file of the workspace as the resolver sees it: its facts with quick ways into them. */
import { hash } from 'node:crypto';
import { type Step, stepsOf } from '../extract/callee-text.ts';
import type { Binding, Definition, Facts } from '../extract/facts.ts';

export class Unit {
  readonly name: string;
  readonly facts: Facts;
  /** Hash of path and content, short: it starts every key of the breadcrumb cache. */
  readonly key: string;
  readonly #names: (Map<string, Binding> | undefined)[] = [];
  readonly #crumbs: string[] = [];
  readonly #steps: (readonly Step[] | undefined)[] = [];
  #inner: Map<number, number> | undefined;

  constructor(name: string, sha256: string, facts: Facts) {
    this.name = name;
    this.facts = facts;
    this.key = hash('sha256', `${name}\0${sha256}`, 'base64url').slice(0, 16);
  }

  get isPython(): boolean {
    return this.facts.language === 'python';
  }

  /** Steps of a callee. */
  steps(callee: number): readonly Step[] {
    this.#steps[callee] ??= stepsOf(this.facts.callees[callee] as string);
    return this.#steps[callee];
  }

  binding(scope: number, name: string): Binding | undefined {
    let names = this.#names[scope];
    if (!names) {
      names = new Map(this.facts.scopes[scope]?.names);
      this.#names[scope] = names;
    }
    return names.get(name);
  }

  /** Scope that a definition opens, where it binds anything. */
  scopeOf(definition: number): number | undefined {
    if (!this.#inner) {
      this.#inner = new Map();
      for (const [index, scope] of this.facts.scopes.entries()) {
        if (scope.definition >= 0 && !this.#inner.has(scope.definition)) this.#inner.set(scope.definition, index);
      }
    }
    return this.#inner.get(definition);
  }

  definition(index: number): Definition {
    return this.facts.definitions[index] as Definition;
  }

  /** Path of names that leads to a definition: `src/shape.ts#Widget.draw`. */
  breadcrumb(index: number): string {
    const known = this.#crumbs[index];
    if (known !== undefined) return known;
    const definition = this.definition(index);
    const before = definition.parent < 0 ? `${this.name}#` : `${this.breadcrumb(definition.parent)}.`;
    const crumb = before + definition.name;
    this.#crumbs[index] = crumb;
    return crumb;
  }
}
