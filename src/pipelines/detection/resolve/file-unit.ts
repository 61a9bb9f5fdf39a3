/** The facts of one file with lazily built indexes for fast access. */
import { type CalleeStep, parseCallee } from '../extract/facts/callee-text.ts';
import type { Binding, Facts, FactsDefinition } from '../extract/facts.ts';

/** Most scopes have so few names that looking at each one takes less time than building a map. */
const maxScannedNames = 6;

export class FileUnit {
  readonly name: string;
  readonly facts: Facts;
  readonly #names: (Map<string, Binding> | undefined)[] = [];
  readonly #breadcrumbs: string[] = [];
  readonly #steps: (readonly CalleeStep[] | undefined)[] = [];

  constructor(name: string, facts: Facts) {
    this.name = name;
    this.facts = facts;
  }

  /** Names of the methods that the file defines. */
  get methodNames(): string[] {
    return this.facts.definitions.flatMap(({ form, name }) => (form === 'method' && name !== '' ? [name] : []));
  }

  get isPython(): boolean {
    return this.facts.language === 'python';
  }

  /** Returns the steps of a callee, given as an index in `facts.callees`. */
  steps(callee: number): readonly CalleeStep[] {
    this.#steps[callee] ??= parseCallee(this.facts.callees[callee] as string);
    return this.#steps[callee];
  }

  binding(scope: number, name: string): Binding | undefined {
    const names = this.facts.scopes[scope]?.names ?? [];
    if (names.length > maxScannedNames) return this.#mapOf(scope, names).get(name);
    for (let index = names.length - 1; index >= 0; index--) {
      const [other, binding] = names[index] as (typeof names)[number];
      if (other === name) return binding;
    }
    return undefined;
  }

  #mapOf(scope: number, names: readonly (readonly [string, Binding])[]): Map<string, Binding> {
    let map = this.#names[scope];
    if (!map) {
      map = new Map(names);
      this.#names[scope] = map;
    }
    return map;
  }

  /** Returns the index of the scope that a definition opens, or undefined if it has no body. */
  scopeOf(definition: number): number | undefined {
    return this.definition(definition).body;
  }

  definition(index: number): FactsDefinition {
    return this.facts.definitions[index] as FactsDefinition;
  }

  /** Returns the file and the names that lead to a definition, such as `src/shape.ts#Widget.draw`. */
  breadcrumb(index: number): string {
    const cached = this.#breadcrumbs[index];
    if (cached !== undefined) return cached;
    const definition = this.definition(index);
    const prefix = definition.parent < 0 ? `${this.name}#` : `${this.breadcrumb(definition.parent)}.`;
    const breadcrumb = prefix + definition.name;
    this.#breadcrumbs[index] = breadcrumb;
    return breadcrumb;
  }
}
