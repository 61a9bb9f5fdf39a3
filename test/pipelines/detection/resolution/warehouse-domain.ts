// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the sources contain templates
/** First part of a small TypeScript project, whose calls are compared with TypeScript's checker: data types and rules. */
export const warehouseDomain: Readonly<Record<string, string>> = {
  'packages/app/src/model/identity.ts': `
export interface Identified { readonly id: string }
let counter = 0;
export function nextId(prefix: string): string { counter += 1; return prefix + String(counter).padStart(4, '0'); }
export const byId = <T extends Identified>(items: readonly T[]): Map<string, T> => new Map(items.map((item) => [item.id, item]));
export function assertKnown<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw missing(what);
  return value;
}
function missing(what: string): Error { return new UnknownIdError(what); }
export class UnknownIdError extends Error { constructor(readonly what: string) { super(describe(what)); } }
const describe = (what: string) => \`no \${what}\`;
`,
  'packages/app/src/model/money.ts': `
export class Money {
  static zero(): Money { return new Money(0); }
  static sum(all: Iterable<Money>): Money { let total = Money.zero(); for (const part of all) total = total.plus(part); return total; }
  constructor(readonly cents: number) {}
  plus(other: Money): Money { return new Money(this.cents + other.cents); }
  times(factor: number): Money { return this.map((cents) => cents * factor); }
  private map(change: (cents: number) => number): Money { return new Money(Math.round(change(this.cents))); }
  get negated(): Money { return this.times(-1); }
  isLess(other: Money): boolean { return compareMoney(this, other) < 0; }
  toString(): string { return formatMoney(this); }
}
export function compareMoney(a: Money, b: Money): number { return a.cents - b.cents; }
export function formatMoney({ cents }: Money): string { return (cents / 100).toFixed(2); }
`,
  'packages/app/src/model/product.ts': `
import { type Identified, nextId } from './identity.js';
import { Money } from './money.js';
export interface Priced { price(): Money; describe?(): string }
export abstract class Product implements Identified, Priced {
  readonly id = nextId(this.prefix());
  #tags = new Set<string>();
  constructor(readonly name: string, protected readonly base: Money) {}
  abstract price(): Money;
  protected prefix(): string { return 'p'; }
  tag(...names: string[]): this { for (const name of names) this.#tags.add(normalize(name)); return this; }
  hasTag(name: string): boolean { return this.#tags.has(normalize(name)); }
  describe(): string { return \`\${this.name}: \${this.price().toString()}\`; }
}
export class Simple extends Product {
  price(): Money { return this.base; }
}
export class Bundle extends Product {
  #parts: Product[] = [];
  add(part: Product): this { this.#parts.push(part); return this; }
  price(): Money { return Money.sum(this.#parts.map((part) => part.price())).plus(this.base.negated); }
  override describe(): string { return super.describe() + this.#parts.map((part) => part.describe()).join(); }
  protected override prefix(): string { return 'b' + super.prefix(); }
  *[Symbol.iterator](): Iterator<Product> { yield* this.#parts; }
}
function normalize(name: string): string { return name.trim().toLowerCase(); }
`,
  'packages/app/src/model/index.ts': `
export * from './product.js';
export { Money, formatMoney as format } from './money.js';
export * as identity from './identity.js';
export { default as createCatalog } from './catalog.js';
export type { Catalog } from './catalog.js';
`,
  'packages/app/src/model/catalog.ts': `
import { assertKnown, byId } from './identity.js';
import type { Product } from './product.js';
export class Catalog {
  readonly #items: Map<string, Product>;
  constructor(items: readonly Product[]) { this.#items = byId(items); }
  get(id: string): Product { return assertKnown(this.#items.get(id), 'product'); }
  find(accept: (item: Product) => boolean): Product | undefined { return [...this.#items.values()].find(accept); }
  get cheapest(): Product { return this.sorted()[0]!; }
  sorted(): Product[] { return [...this.#items.values()].sort((a, b) => a.price().cents - b.price().cents); }
}
export default function createCatalog(...items: Product[]): Catalog { return new Catalog(items); }
`,
  'packages/app/src/model/shelf.ts': `
export namespace Shelf {
  export interface Place { readonly row: number; move(by: number): Place }
  export function at(row: number): Place { return { row, move: (by) => at(row + by) }; }
  export const top = () => at(0);
  export namespace Labels {
    export function print(place: Place): string { return pad(place.row); }
    function pad(row: number): string { return String(row).padStart(3); }
  }
}
export const label = Shelf.Labels.print(Shelf.top().move(2));
export enum Side { Left, Right }
export namespace Side { export function flip(side: Side): Side { return side === Side.Left ? Side.Right : Side.Left; } }
Side.flip(Side.Left);
`,
  'packages/app/src/lib/result.ts': `
export type Result<T, E = Error> = Ok<T> | Failed<E>;
export class Ok<T> {
  readonly ok = true;
  constructor(readonly value: T) {}
  then<U>(next: (value: T) => U): Ok<U> { return new Ok(next(this.value)); }
  unwrap(): T { return this.value; }
}
export class Failed<E> {
  readonly ok = false;
  constructor(readonly error: E) {}
  report(): string { return String(this.error); }
}
export const ok = <T>(value: T) => new Ok(value);
export const failed = <E>(error: E) => new Failed(error);
export function attempt<T>(run: () => T): Result<T> {
  try { return ok(run()); } catch (error) { return failed(error as Error); }
}
export function isOk<T>(result: Result<T>): result is Ok<T> { return result.ok; }
`,
  'packages/app/src/lib/pipe.ts': `
export function pipe<A, B>(value: A, step: (value: A) => B): B;
export function pipe<A, B, C>(value: A, first: (value: A) => B, second: (value: B) => C): C;
export function pipe(value: unknown, ...steps: ((value: never) => unknown)[]): unknown {
  return steps.reduce((current, step) => step(current as never), value);
}
export const once = <F extends () => unknown>(run: F) => { let done: { value: ReturnType<F> } | undefined; return () => (done ??= { value: run() as ReturnType<F> }).value; };
export function tap<T>(effect: (value: T) => void): (value: T) => T { return (value) => { effect(value); return value; }; }
export async function retry<T>(times: number, run: () => Promise<T>): Promise<T> {
  try { return await run(); } catch (error) { if (times <= 1) throw error; return retry(times - 1, run); }
}
`,
  'packages/app/src/lib/registry.ts': `
export class Registry<K, V> {
  readonly #values = new Map<K, V>();
  readonly #listeners: ((key: K, value: V) => void)[] = [];
  set(key: K, value: V): this { this.#values.set(key, value); this.#notify(key, value); return this; }
  get(key: K): V | undefined { return this.#values.get(key); }
  require(key: K): V { const value = this.get(key); if (value === undefined) return this.#fail(key); return value; }
  onSet(listener: (key: K, value: V) => void): () => void { this.#listeners.push(listener); return () => this.#remove(listener); }
  each(visit: (value: V, key: K) => void): void { for (const [key, value] of this.#values) visit(value, key); }
  map<U>(change: (value: V) => U): Registry<K, U> { const copy = new Registry<K, U>(); this.each((value, key) => copy.set(key, change(value))); return copy; }
  #notify(key: K, value: V): void { for (const listener of this.#listeners) listener(key, value); }
  #remove(listener: (key: K, value: V) => void): void { this.#listeners.splice(this.#listeners.indexOf(listener), 1); }
  #fail(key: K): never { throw new RangeError(String(key)); }
}
`,
  'packages/app/src/lib/emitter.ts': `
type Handler<E> = (event: E) => void;
export interface Source<E> { subscribe(handler: Handler<E>): Subscription }
export interface Subscription { cancel(): void; readonly parent?: Subscription }
export function createEmitter<E>(): Source<E> & { emit(event: E): void } {
  const handlers = new Set<Handler<E>>();
  return {
    subscribe(handler) { handlers.add(handler); return { cancel: () => { drop(handler); } }; },
    emit(event) { for (const handler of handlers) handler(event); },
  };
  function drop(handler: Handler<E>): void { handlers.delete(handler); }
}
export const Loud = <B extends new (...args: any[]) => { name: string }>(base: B) => class extends base { shout(): string { return this.name.toUpperCase(); } };
`,
  'packages/app/src/lib/decorators.ts': `
export function logged<T extends (...args: never[]) => unknown>(target: T, _context: ClassMethodDecoratorContext): T { note(target.name); return target; }
export const limit = (max: number) => <T>(target: T, _context: unknown): T => { note(String(max)); return target; };
function note(text: string): void { console.log(text); }
`,
};
