/**
 * Facts as JSON. Variables are stored in a table, because many scopes and branches share them: nested branches would
 * otherwise repeat them until the text is thousands of times as long as the source.
 */
import type { Binding, Facts, FactsDefinition, LexicalScope, Variable } from '../facts.ts';

/** A binding that is not a variable, or the index of a variable. */
type EncodedBinding = Binding | number;
type VariableParts = 'computedBase' | 'decorated' | 'fields' | 'results';

interface EncodedVariable extends Omit<Variable, 'later' | 'branches'> {
  readonly later?: readonly number[];
  readonly branches?: readonly EncodedBinding[];
}

interface EncodedDefinition extends Omit<FactsDefinition, VariableParts> {
  readonly computedBase?: number;
  readonly decorated?: number;
  readonly fields?: readonly (readonly [name: string, field: number])[];
  readonly results?: readonly number[];
}

interface EncodedScope extends Omit<LexicalScope, 'names'> {
  readonly names: readonly (readonly [name: string, binding: EncodedBinding])[];
}

/** Facts in which variables are indexes in `variables`. */
export interface EncodedFacts extends Omit<Facts, 'definitions' | 'scopes'> {
  readonly definitions: readonly EncodedDefinition[];
  readonly scopes: readonly EncodedScope[];
  readonly variables: readonly EncodedVariable[];
}

/** Returns facts as JSON. Parts are only copied if they contain variables, because copies take longer than all else here. */
export function encodeFacts(facts: Facts): string {
  const table = new VariableTable();
  const encoded: EncodedFacts = {
    ...facts,
    definitions: facts.definitions.map((definition) => encodeDefinition(definition, table)),
    scopes: facts.scopes.map((scope) => ({
      ...scope,
      names: scope.names.map(([name, binding]) => [name, table.encode(binding)] as const),
    })),
    variables: table.variables,
  };
  return JSON.stringify(encoded);
}

export function decodeFacts(text: string): Facts {
  return linkFacts(JSON.parse(text) as EncodedFacts);
}

function encodeDefinition(definition: FactsDefinition, table: VariableTable): EncodedDefinition {
  const { computedBase, decorated, fields, results } = definition;
  if (!computedBase && !decorated && !fields && !results) return definition as Omit<FactsDefinition, VariableParts>;
  const { computedBase: _, decorated: __, fields: ___, results: ____, ...rest } = definition;
  return {
    ...rest,
    ...(computedBase ? { computedBase: table.add(computedBase) } : {}),
    ...(decorated ? { decorated: table.add(decorated) } : {}),
    ...(fields ? { fields: fields.map(([name, field]) => [name, table.add(field)] as const) } : {}),
    ...(results ? { results: results.map((result) => table.add(result)) } : {}),
  };
}

class VariableTable {
  readonly variables: EncodedVariable[] = [];
  readonly #indexes = new Map<Variable, number>();

  encode(binding: Binding): EncodedBinding {
    return isVariable(binding) ? this.add(binding) : binding;
  }

  /** Returns the index of a variable. */
  add(variable: Variable): number {
    const existing = this.#indexes.get(variable);
    if (existing !== undefined) return existing;
    const index = this.variables.length;
    this.#indexes.set(variable, index);
    if (!variable.later && !variable.branches) this.variables.push(variable as Omit<Variable, 'later' | 'branches'>);
    else {
      const { later, branches, ...rest } = variable;
      // Takes the place of the variable while its parts are added.
      this.variables.push(rest);
      this.variables[index] = {
        ...rest,
        ...(later ? { later: later.map((other) => this.add(other)) } : {}),
        ...(branches ? { branches: branches.map((branch) => this.encode(branch)) } : {}),
      };
    }
    return index;
  }
}

function isVariable(binding: Binding): binding is Variable {
  return 'scope' in binding && !('constraint' in binding);
}

/** Replaces the indexes of variables by the variables. Changes the argument, because copies would take longer. */
export function linkFacts(encoded: EncodedFacts): Facts {
  const variables = encoded.variables as readonly unknown[] as readonly Variable[];
  const variable = (index: unknown): Variable => variables[index as number] as Variable;
  const linkAll = (bindings: unknown[]): void => {
    for (const [position, binding] of bindings.entries()) {
      if (typeof binding === 'number') bindings[position] = variable(binding);
    }
  };
  const linkNames = (names: unknown[][]): void => {
    for (const pair of names) if (typeof pair[1] === 'number') pair[1] = variable(pair[1]);
  };
  for (const { later, branches } of variables) {
    if (later) linkAll(later);
    if (branches) linkAll(branches);
  }
  for (const draft of encoded.definitions as readonly unknown[] as readonly MutableParts[]) {
    if (draft.computedBase !== undefined) draft.computedBase = variable(draft.computedBase);
    if (draft.decorated !== undefined) draft.decorated = variable(draft.decorated);
    if (draft.fields) linkNames(draft.fields);
    if (draft.results) linkAll(draft.results);
  }
  for (const { names } of encoded.scopes) linkNames(names as unknown as unknown[][]);
  const { variables: _, ...facts } = encoded;
  return facts as unknown as Facts;
}

interface MutableParts {
  computedBase?: unknown;
  decorated?: unknown;
  readonly fields?: unknown[][];
  readonly results?: unknown[];
}
