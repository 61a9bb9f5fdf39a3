/** Expressions whose values can be derived without running the program, as nodes of one table per file. */

/** Index of a node in `Facts.expressions`, or `unknown`. */
export type Expression = number;

/** Expression whose value cannot be derived. */
export const unknown: Expression = -1;

/**
 * A node of an expression. Types are type texts (see `Facts`); definitions are indexes in `Facts.definitions`.
 *
 * - `name`: variable, `this` or `super`
 * - `member`, `call`, `new`, `item` (`a[key]`), `await`, `of` (item of an iteration, asynchronous if the flag is set)
 * - `as`: any value of a type
 * - `either`: one of several values; `first`: the first of several values that can be derived
 * - `function` and `object`: literal that has a definition; `list`: array or tuple literal
 * - `module`: value of `require(…)` or `import(…)`; the flag is set if it is a promise
 * - `argument`: type that a callee expects for an argument
 * - `parameter`: type of a parameter of a function type; `returned`: type that a function type returns
 * - `operation`: result of an operator of Python, by the name of its method without underscores
 * - `entered`: value that the `with` statement of Python binds
 * - `default`: default value of a parameter, instead of which a caller may pass another one
 * - `fixture`: value of a pytest fixture, which a parameter of the same name receives
 */
export type ExpressionNode =
  | readonly ['name', name: string]
  | readonly ['member', object: Expression, name: string]
  | readonly ['call', callee: Expression, args: readonly Expression[], types?: readonly string[]]
  | readonly ['new', callee: Expression, args: readonly Expression[], types?: readonly string[]]
  | readonly ['item', object: Expression, key?: number | string]
  | readonly ['await', value: Expression]
  | readonly ['of', iterable: Expression, isAsync?: true]
  | readonly ['as', type: string]
  | readonly ['either', ...values: Expression[]]
  | readonly ['first', ...values: Expression[]]
  | readonly ['function', definition: number]
  | readonly ['object', definition: number]
  | readonly ['list', ...items: Expression[]]
  | readonly ['module', from: string, isPromise?: true]
  | readonly ['argument', callee: Expression, index: number, args: readonly Expression[], types?: readonly string[]]
  | readonly ['parameter', callable: Expression, index: number]
  | readonly ['returned', callable: Expression]
  | readonly ['operation', method: string, left: Expression, right: Expression]
  | readonly ['entered', manager: Expression]
  | readonly ['default', value: Expression]
  | readonly ['fixture', name: string];

/** Collects the nodes of one file. Equal nodes share an index. */
export class ExpressionTable {
  readonly nodes: ExpressionNode[] = [];
  readonly #indexes = new Map<string, Expression>();

  /** Returns the index of a node. */
  add(node: ExpressionNode): Expression {
    const key = keyOf(node);
    let index = this.#indexes.get(key);
    if (index === undefined) {
      index = this.nodes.length;
      this.nodes.push(node);
      this.#indexes.set(key, index);
    }
    return index;
  }
}

/** Returns a text that differs for different nodes. The most frequent kinds have short ones that are built quickly. */
function keyOf(node: ExpressionNode): string {
  switch (node[0]) {
    case 'name':
      return `n${node[1]}`;
    case 'as':
      return `a${node[1]}`;
    case 'member':
      return `m${node[1]} ${node[2]}`;
    case 'call':
      return node.length === 3 ? `c${node[1]} ${node[2].join()}` : JSON.stringify(node);
    default:
      return JSON.stringify(node);
  }
}
