/** The scopes of a file while its captures are handled in source order. */
import type { Binding, LexicalScope, Variable } from '../facts.ts';
import { addLater, addMeaning } from './later-values.ts';

export interface ScopeOptions {
  readonly definition?: number;
  readonly owner?: number;
  readonly static?: boolean;
  /** Definition of the function whose body the scope is, also if that has no name. */
  readonly callable?: number;
  /** Definition of the object literal or object type whose entries are in the scope. */
  readonly container?: number;
  /** True for a block that always leaves the code around it, so that its assignments do not reach the code after it. */
  readonly leaves?: boolean;
}

interface OpenScope {
  readonly scope: number;
  readonly start: number;
  readonly end: number;
  readonly callable: number;
  readonly container: number;
  readonly leaves: boolean;
  /** Names of outer variables that were assigned in a block. */
  readonly assigned: Set<string>;
}

/** Larger blocks of assignments are only analyzed in part, because each one adds a scope. */
const maxFlows = 2000;

export class ScopeStack {
  /** Flow scopes have the names of the previous assignments in their block too, which `withoutRepeatedNames` removes. */
  readonly scopes: LexicalScope[] = [];
  /** Previous flow scope in the same block and the number of names that were taken from it, by flow scope. */
  readonly #previousFlows = new Map<number, { readonly scope: number; readonly names: number }>();
  readonly #open: OpenScope[] = [];
  readonly #actions: { readonly offset: number; readonly run: () => void }[] = [];
  #offset = 0;
  #flows = 0;

  constructor() {
    this.scopes.push({ parent: -1, kind: 'module', definition: -1, owner: -1, names: [] });
    this.#push(0, Number.POSITIVE_INFINITY, {});
  }

  get current(): number {
    return this.#top.scope;
  }

  /** Offset at which the innermost open scope starts, not counting flow scopes. */
  get start(): number {
    return this.#top.start;
  }

  get hasFlows(): boolean {
    return this.#flows > 0;
  }

  get #top(): OpenScope {
    return this.#open.at(-1) as OpenScope;
  }

  at(index: number): LexicalScope {
    return this.scopes[index] as LexicalScope;
  }

  /** Index of the innermost open scope that is not a block; `var` and the assignments of Python bind their names there. */
  get functionScope(): number {
    let index = this.current;
    while (/^(?:block|flow)$/.test(this.at(index).kind)) index = this.at(index).parent;
    return index;
  }

  /** Index of the innermost open scope that can declare names. */
  get declarationScope(): number {
    let index = this.current;
    while (this.at(index).kind === 'flow') index = this.at(index).parent;
    return index;
  }

  /** Definition of the object literal or object type that the innermost scope belongs to, or -1. */
  get container(): number {
    return this.#top.container;
  }

  get offset(): number {
    return this.#offset;
  }

  /** Definition of the innermost function, or -1. */
  get callable(): number {
    return this.#open.findLast(({ scope }) => this.at(scope).kind === 'function')?.callable ?? -1;
  }

  get isInFunction(): boolean {
    return this.#open.some(({ scope }) => this.at(scope).kind === 'function');
  }

  /** Advances to an offset: leaves the scopes that end before it and runs the actions that are due. */
  advanceTo(offset: number): void {
    for (;;) {
      const action = this.#actions.at(-1);
      const isDue = action !== undefined && action.offset <= offset;
      if (this.#top.end <= (isDue ? action.offset : offset)) this.#leave();
      else if (isDue) {
        this.#actions.pop();
        this.#offset = action.offset;
        action.run();
      } else break;
    }
    this.#offset = offset;
  }

  /** Runs an action before the first capture at or after an offset. */
  runAt(offset: number, run: () => void): void {
    let index = this.#actions.length;
    while (index > 0 && (this.#actions[index - 1] as { offset: number }).offset <= offset) index--;
    this.#actions.splice(index, 0, { offset, run });
  }

  /** Opens a scope at the current offset. Options that are not given are inherited from the enclosing scope. */
  enter(kind: LexicalScope['kind'], end: number, options: ScopeOptions = {}): number {
    const outer = this.at(this.current);
    const isStatic = options.static ?? (options.owner === undefined && outer.static === true);
    this.scopes.push({
      parent: this.current,
      kind,
      definition: options.definition ?? outer.definition,
      owner: options.owner ?? outer.owner,
      ...(isStatic ? { static: true } : {}),
      names: [],
    });
    this.#push(this.scopes.length - 1, end, options);
    return this.current;
  }

  #push(scope: number, end: number, { callable = -1, container = -1, leaves = false }: ScopeOptions): void {
    this.#open.push({ scope, start: this.#offset, end, callable, container, leaves, assigned: new Set() });
  }

  /** Leaves the innermost scope. Its assignments to outer variables may or may not have happened afterwards. */
  #leave(): void {
    const left = this.#open.pop() as OpenScope;
    const { kind, names } = this.at(left.scope);
    const outer = this.#open.at(-1);
    if (!outer || left.assigned.size === 0) return;
    if (kind === 'flow') {
      for (const name of left.assigned) outer.assigned.add(name);
      // The block ends here too, so its last values are those of this scope.
      for (const [name, binding] of names) if (left.assigned.has(name)) this.#lastValues.set(name, binding);
      return;
    }
    if (kind === 'block' && !left.leaves) {
      for (const name of left.assigned) {
        const after = this.#lastValues.get(name);
        if (!after || names.some(([other]) => other === name)) continue;
        const before = this.find(name);
        this.#openFlow(name, { scope: this.current, branches: before ? [before, after] : [after] });
      }
    }
    this.#lastValues.clear();
  }

  readonly #lastValues = new Map<string, Binding>();

  /** Returns what a name is bound to at the current offset, or undefined if it is not bound in the open scopes. */
  find(name: string): Binding | undefined {
    for (let index = this.current; index >= 0; index = this.at(index).parent) {
      const binding = this.at(index).names.find(([other]) => other === name)?.[1];
      if (binding) return binding;
    }
    return undefined;
  }

  /** Binds a name in a scope. An existing binding is replaced by a definition, or if nothing is known about its value. */
  bind(name: string, binding: Binding, scope: number): void {
    const { names } = this.at(scope);
    const index = names.findIndex(([other]) => other === name);
    if (index < 0) names.push([name, binding]);
    else if ('definition' in binding || isUnknown((names[index] as [string, Binding])[1]))
      names[index] = [name, binding];
  }

  /** Replaces the value of a variable that is bound in `target`, from an offset to the end of the innermost block. */
  reassign(name: string, variable: Variable, offset: number, target: number): void {
    const existing = this.at(target).names.find(([other]) => other === name)?.[1];
    if (!existing) {
      this.bind(name, variable, target);
      return;
    }
    if ('scope' in existing && !('constraint' in existing)) addLater(existing, variable);
    // The assignment may end with its block, which must still be open then.
    this.runAt(offset - 0.5, () => this.#openFlow(name, variable));
  }

  /** Binds a function, class or import of Python. If the name is bound already, the new meaning starts at an offset. */
  declare(name: string, binding: Binding, offset: number): void {
    const target = this.#targetOf(name);
    const existing = this.at(target).names.find(([other]) => other === name)?.[1];
    const isReplaced =
      existing && target === this.functionScope && !('definition' in existing && 'definition' in binding);
    if (!isReplaced) {
      this.bind(name, binding, target);
      return;
    }
    // For code that runs at another time, the name may have either meaning.
    const { names } = this.at(target);
    names[names.findIndex(([other]) => other === name)] = [name, { scope: target, branches: [existing, binding] }];
    this.runAt(offset - 0.5, () => this.#openFlow(name, binding));
  }

  /**
   * Assigns a variable of Python, which is local to the function unless it declares something else.
   *
   * @param isDerived whether the value is made from the previous one, as in `f = cache(f)`
   */
  assign(name: string, variable: Variable, offset: number, isDerived = false): void {
    const target = this.#targetOf(name);
    if (!isDerived) addMeaning(this.at(target), target, name, variable);
    if (target === this.functionScope) {
      this.reassign(name, variable, offset, target);
      return;
    }
    const existing = this.at(target).names.find(([other]) => other === name)?.[1];
    if (!existing) this.bind(name, variable, target);
    else if ('scope' in existing && !('constraint' in existing)) addLater(existing, variable);
    this.runAt(offset - 0.5, () => this.#openFlow(name, variable));
  }

  /** Names that `global` and `nonlocal` statements declare, by function scope. */
  readonly #outerNames = new Map<string, number>();

  /** Declares that a name of the current function is that of the module or of an enclosing function. */
  declareOuter(name: string, isGlobal: boolean): void {
    let target = 0;
    if (!isGlobal) {
      for (let index = this.at(this.current).parent; index > 0; index = this.at(index).parent) {
        const { kind, names } = this.at(index);
        if (kind === 'function' && names.some(([other]) => other === name)) {
          target = index;
          break;
        }
      }
    }
    this.#outerNames.set(`${this.current} ${name}`, target);
  }

  #targetOf(name: string): number {
    return this.#outerNames.get(`${this.functionScope} ${name}`) ?? this.functionScope;
  }

  /** Binds a name from the current offset to the end of the innermost block. */
  #openFlow(name: string, binding: Binding): void {
    if (this.#flows++ > maxFlows) return;
    const top = this.#top;
    const previous = this.at(top.scope);
    const isFlow = previous.kind === 'flow';
    const repeated = isFlow ? previous.names.filter(([other]) => other !== name) : [];
    if (isFlow) this.#previousFlows.set(this.scopes.length, { scope: top.scope, names: repeated.length });
    this.scopes.push({
      ...previous,
      kind: 'flow',
      parent: isFlow ? previous.parent : top.scope,
      // While the file is read, a block has one flow scope at a time, so that the chain of scopes stays short.
      names: [...repeated, [name, binding]],
    });
    if (isFlow) this.#open.pop();
    const assigned = isFlow ? top.assigned : new Set<string>();
    assigned.add(name);
    this.#open.push({ ...top, scope: this.scopes.length - 1, assigned, callable: -1, leaves: false });
  }

  /** Returns a scope as it is recorded: a flow scope continues the previous one of its block instead of repeating it. */
  withoutRepeatedNames(index: number): LexicalScope {
    const scope = this.at(index);
    const previous = this.#previousFlows.get(index);
    return previous ? { ...scope, parent: previous.scope, names: scope.names.slice(previous.names) } : scope;
  }

  /** Binds a name to a narrower type in a part of the code. */
  narrow(name: string, variable: Variable, start: number, end: number): void {
    this.runAt(start, () => {
      const { owner } = this.at(this.current);
      this.enter('block', end, { owner });
      this.at(this.current).names.push([name, variable]);
    });
  }
}

function isUnknown(binding: Binding): boolean {
  return 'scope' in binding && !('constraint' in binding) && binding.type === undefined && binding.value === undefined;
}
