/** Functions of a source text, with what they call. Parsed only in fine mode: the bundle `outline.cjs` holds the parser. */
import { type Node, parse } from 'acorn';
import { namesOf } from '../../exact/syntax/function-name.ts';
import {
  type Ancestor,
  indexBelow,
  isFunction,
  isSyntaxNode,
  lineStartsOf,
  type SyntaxNode,
} from '../../exact/syntax/syntax-tree.ts';

/** Function of a text. Positions are offsets in UTF-16 code units. */
export interface OutlinedFunction {
  /** Name that V8 reports; empty if the function is anonymous. */
  readonly name: string;
  /** Start of the function, of its parameters, of its body, and its end. */
  readonly start: number;
  readonly parametersStart: number;
  readonly bodyStart: number;
  readonly end: number;
  /** Index of the enclosing function, or -1. */
  readonly parent: number;
  /** Names that the function itself calls or passes to a call, with their line from 1; 0 if there are several lines. */
  readonly calls: ReadonlyMap<string, number>;
}

export interface SourceOutline {
  /** Functions in the order of their starts. The first one stands for the code outside of all functions. */
  readonly functions: readonly OutlinedFunction[];
  readonly lineStarts: readonly number[];
  /** Start and end of the text of each line, without white space at its ends. */
  readonly lineTexts: readonly (readonly [start: number, end: number])[];
  /** Loops outside of all functions. Other code there runs once. */
  readonly topLoops: readonly (readonly [start: number, end: number])[];
  /** Relative paths of imported modules, as written. */
  readonly imports: readonly string[];
}

interface Draft extends Omit<OutlinedFunction, 'calls'> {
  readonly calls: Map<string, number>;
}

/** Returns the functions of JavaScript code; undefined if it cannot be parsed. */
export function outlineSource(code: string): SourceOutline | undefined {
  const tree = parseAny(code);
  return tree && new Outliner(code).outline(tree);
}

class Outliner {
  readonly #code: string;
  readonly #lineStarts: readonly number[];
  readonly #functions: Draft[] = [];
  readonly #topLoops: (readonly [number, number])[] = [];
  readonly #imports = new Set<string>();

  constructor(code: string) {
    this.#code = code;
    this.#lineStarts = lineStartsOf(code);
  }

  outline(tree: SyntaxNode): SourceOutline | undefined {
    const { length } = this.#code;
    const top = { start: 0, parametersStart: 0, bodyStart: 0, end: length };
    this.#functions.push({ name: '', ...top, parent: -1, calls: new Map() });
    try {
      this.#visit(tree, undefined, 0);
    } catch {
      // The nesting is too deep.
      return undefined;
    }
    return {
      functions: this.#functions,
      lineStarts: this.#lineStarts,
      lineTexts: this.#lineStarts.map((start, index) => this.#trim(start, this.#lineStarts[index + 1] ?? length)),
      topLoops: this.#topLoops,
      imports: [...this.#imports],
    };
  }

  #trim(start: number, end: number): readonly [number, number] {
    const line = this.#code.slice(start, end);
    return [start + line.length - line.trimStart().length, start + line.trimEnd().length];
  }

  #visit(node: SyntaxNode, ancestors: Ancestor | undefined, enclosing: number): void {
    const index = isFunction(node) ? this.#addFunction(node, ancestors, enclosing) : enclosing;
    if (index === 0 && /^(For|While|DoWhile)/.test(node.type)) this.#topLoops.push([node.start, node.end]);
    if (node.type === 'CallExpression' || node.type === 'NewExpression') this.#addCall(node, index);
    if (node.type === 'TaggedTemplateExpression') this.#addName(node['tag'], index);
    if (node.type.startsWith('Import') || node.type.startsWith('Export')) this.#addImport(node['source']);
    const inner = { node, up: ancestors };
    for (const value of Object.values(node)) {
      if (Array.isArray(value)) {
        for (const child of value) if (isSyntaxNode(child)) this.#visit(child, inner, index);
      } else if (isSyntaxNode(value)) this.#visit(value, inner, index);
    }
  }

  #addFunction(node: SyntaxNode, ancestors: Ancestor | undefined, parent: number): number {
    const body = node['body'] as Node;
    const afterName = (node['id'] as Node | null | undefined)?.end ?? node.start;
    const bracket = this.#code.indexOf('(', afterName);
    const isInHead = node.type !== 'ArrowFunctionExpression' && bracket >= 0 && bracket < body.start;
    this.#functions.push({
      name: namesOf(node, ancestors).inspectorName,
      start: node.start,
      parametersStart: isInHead ? bracket : node.start,
      bodyStart: body.start,
      end: node.end,
      parent,
      calls: new Map(),
    });
    return this.#functions.length - 1;
  }

  #addCall(node: SyntaxNode, index: number): void {
    const { callee, arguments: passed } = node as unknown as { callee: SyntaxNode; arguments: readonly SyntaxNode[] };
    if (callee.type === 'Identifier' && callee['name'] === 'require') this.#addImport(passed[0]);
    this.#addName(callee, index);
    for (const argument of passed) this.#addName(argument, index);
  }

  /** Adds the function that an expression names, as what is called or passed there. */
  #addName(expression: unknown, index: number): void {
    if (!isSyntaxNode(expression)) return;
    const { type } = expression;
    const named = type === 'MemberExpression' && !expression['computed'] ? expression['property'] : expression;
    if (!isSyntaxNode(named) || (named.type !== 'Identifier' && named.type !== 'PrivateIdentifier')) return;
    const name = String(named['name']);
    const { calls } = this.#functions[index] as Draft;
    const line = this.#lineAt(named.start);
    calls.set(name, (calls.get(name) ?? line) === line ? line : 0);
  }

  #addImport(source: unknown): void {
    if (!isSyntaxNode(source) || source.type !== 'Literal') return;
    const path = source['value'];
    if (typeof path === 'string' && /^\.{1,2}\//.test(path)) this.#imports.add(path);
  }

  /** Returns the line of an offset, from 1. */
  #lineAt(offset: number): number {
    return indexBelow(this.#lineStarts, offset + 1) + 1;
  }
}

function parseAny(code: string): SyntaxNode | undefined {
  for (const sourceType of ['module', 'commonjs'] as const) {
    try {
      const tree: Node = parse(code, { ecmaVersion: 'latest', sourceType, allowHashBang: true });
      return tree as SyntaxNode;
    } catch {
      // Modules are strict, so that code in CommonJS may be valid only as such.
    }
  }
  return undefined;
}
