// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the sources contain templates
/** Second part of the TypeScript project: services, packages, CommonJS, JSX and configuration. */
import { warehouseDomain } from './warehouse-domain.ts';

export const warehouseProject: Readonly<Record<string, string>> = {
  ...warehouseDomain,
  'package.json': '{ "name": "warehouse", "private": true, "workspaces": ["packages/*"] }',
  'config/base.json': `{ "compilerOptions": { "paths": { "@model": ["../packages/app/src/model/index.ts"], "@lib/*": ["../packages/app/src/lib/*"] } } }`,
  'tsconfig.json':
    '{ "extends": "./config/base.json", "compilerOptions": { "jsx": "preserve" }, "include": ["packages"] }',
  'packages/app/package.json':
    '{ "name": "@warehouse/app", "type": "module", "imports": { "#services/*": "./src/services/*.ts", "#clock": { "node": "./src/platform/node-clock.ts", "default": "./src/platform/clock.ts" } } }',
  'packages/tax/package.json':
    '{ "name": "@warehouse/tax", "exports": { ".": { "types": "./src/main.ts", "default": "./src/main.ts" }, "./rates/*": "./src/rates/*.ts", "./private/*": null } }',
  'packages/tax/src/main.ts': `
import { reduced, standard } from './rates/table';
import type { Rate } from './rates/table';
export { reduced, standard };
export { rateOf as lookup } from './rates/lookup';
export function taxOf(cents: number, rate: Rate = standard()): number { return round(cents * rate.share()); }
const round = (value: number) => Math.round(value);
`,
  'packages/tax/src/rates/table.ts': `
export class Rate { constructor(private readonly percent: number) {} share(): number { return this.percent / 100; } }
export const standard = () => new Rate(19);
export const reduced = function () { return new Rate(7); };
`,
  'packages/tax/src/rates/lookup.ts': `
import { type Rate, reduced, standard } from './table';
const rates: Record<string, () => Rate> = { food: reduced };
export function rateOf(kind: string): Rate { return kind in rates ? reduced() : standard(); }
`,
  'packages/app/src/platform/node-clock.ts': `
export interface Clock { now(): number; after(ms: number, run: () => void): void }
class SystemClock implements Clock {
  now(): number { return Date.now(); }
  after(ms: number, run: () => void): void { setTimeout(run, ms); }
}
export const clock: Clock = new SystemClock();
export default (): Clock => clock;
`,
  'packages/app/src/platform/clock.ts': `
export { clock, default } from './node-clock.ts';
export type { Clock } from './node-clock.ts';
`,
  'packages/app/src/services/stock.ts': `
import { type Product, identity } from '@model';
import { Registry } from '@lib/registry';
import { createEmitter } from '@lib/emitter';
import { clock } from '#clock';
export interface Movement { readonly product: Product; readonly amount: number; readonly at: number }
export class Stock {
  readonly #amounts = new Registry<string, number>();
  readonly #products = new Registry<string, Product>();
  readonly movements = createEmitter<Movement>();
  receive(product: Product, amount: number): void {
    this.#products.set(product.id, product);
    this.#change(product, amount);
  }
  take(product: Product, amount: number): void {
    if (this.count(product) < amount) throw new identity.UnknownIdError(product.describe());
    this.#change(product, -amount);
  }
  count(product: Product): number { return this.#amounts.get(product.id) ?? 0; }
  names(): string[] { const names: string[] = []; this.#products.each((product) => names.push(product.describe())); return names; }
  #change(product: Product, amount: number): void {
    this.#amounts.set(product.id, this.count(product) + amount);
    this.movements.emit({ product, amount, at: clock.now() });
  }
}
export const prices = (stock: Registry<string, Product>) => stock.map((product) => product.price()).require('x').times(2).toString();
`,
  'packages/app/src/services/orders.ts': `
import { Bundle, Money, type Product, Simple, createCatalog, format, identity } from '@model';
import { type Result, attempt, isOk } from '@lib/result';
import { once, pipe, retry, tap } from '@lib/pipe';
import { taxOf } from '@warehouse/tax';
import { rateOf } from '@warehouse/tax/rates/lookup';
import { Stock } from '#services/stock';
export interface Line { readonly product: Product; readonly amount: number }
export class Order {
  readonly id = identity.nextId('o');
  #lines: Line[] = [];
  constructor(private readonly stock: Stock) {}
  add(product: Product, amount = 1): this { this.#lines.push({ product, amount }); return this; }
  total(): Money { return Money.sum(this.#lines.map(({ product, amount }) => product.price().times(amount))); }
  get tax(): Money { return new Money(taxOf(this.total().cents, rateOf('food'))); }
  place(): Result<Order> { return attempt(() => { this.#lines.forEach((line) => this.stock.take(line.product, line.amount)); return this; }); }
  biggest(): Line | undefined { return this.#lines.toSorted((a, b) => a.product.price().isLess(b.product.price()) ? 1 : -1).at(0); }
  *descriptions(): Generator<string> { for (const { product } of this.#lines) yield product.describe(); }
}
export async function run(): Promise<string> {
  const stock = new Stock();
  const apple = new Simple('apple', new Money(50)).tag('fruit', 'food');
  const box = new Bundle('box', Money.zero()).add(apple).add(apple);
  stock.receive(apple, 10);
  const subscription = stock.movements.subscribe(({ product }) => product.hasTag('food'));
  const catalog = createCatalog(apple, box);
  catalog.find((item) => item.hasTag('fruit'))?.describe();
  catalog.cheapest.price().plus(catalog.get(apple.id).price());
  for (const part of box) part.describe();
  const order = new Order(stock).add(apple, 2).add(box);
  const placed = order.place();
  if (isOk(placed)) placed.then((value) => value.total()).unwrap().toString();
  else placed.report();
  const text = pipe(order, (value) => value.total(), (money) => money.toString());
  const cached = once(() => order.tax);
  cached().negated.toString();
  tap<Order>((value) => value.biggest()?.product.price())(order);
  const { product } = order.biggest() ?? { product: apple };
  product.price();
  const again = await retry(3, async () => order.total());
  subscription.cancel();
  const all = await Promise.all([order, order].map(async (each) => each.tax));
  all[0]?.isLess(again);
  const [first, ...others] = catalog.sorted();
  first?.tag('first');
  others.forEach((other) => other.tag('other'));
  const lazy = await import('./report.ts');
  lazy.render(order);
  new lazy.Report([order]).lines().map((line) => line.trim());
  return text + format(again) + stock.names().join() + [...order.descriptions()].join();
}
`,
  'packages/app/src/services/report.ts': `
import type { Order } from './orders.ts';
import { Loud } from '@lib/emitter';
import { limit, logged } from '@lib/decorators';
export function render(order: Order): string { return new Report([order]).lines().join(); }
export class Report {
  constructor(private readonly orders: readonly Order[]) {}
  @logged lines(): string[] { return this.orders.map((order) => this.#line(order)); }
  @limit(3) title(): string { return heading('report'); }
  #line(order: Order): string { return columns([order.id, order.total().toString(), order.tax.toString()]); }
  static #instances = new WeakMap<object, Report>();
  static of(key: object, make: () => Report): Report {
    let report = Report.#instances.get(key);
    if (!report) { report = make(); Report.#instances.set(key, report); }
    report.title();
    return report;
  }
}
class Person { constructor(public name: string) {} greet(): string { return heading(this.name); } }
class LoudPerson extends Loud(Person) { both(): string { return this.shout() + this.greet(); } }
new LoudPerson('eve').both();
const columns = (values: string[]): string => values.join(' | ');
function heading(text: string): string { return underline(text, '='); function underline(of: string, mark: string) { return of + mark.repeat(of.length); } }
const actions = { open: (report: Report) => report.lines(), close() { return heading('end'); }, ['computed']: () => columns([]) };
actions.open(Report.of(actions, () => new Report([])));
actions.close();
type Actions = typeof actions;
export function act(all: Actions, { open, close: finish }: Actions): void { all.close(); open(new Report([])); finish(); }
`,
  'packages/app/src/services/jobs.ts': `
import { type Clock, clock } from '../platform/clock.ts';
import makeClock from '../platform/clock.ts';
import { Order } from './orders.ts';
import { Stock } from './stock.ts';
type Job = { readonly kind: 'count'; readonly stock: Stock } | { readonly kind: 'order'; readonly order: Order };
abstract class Worker<J> {
  protected readonly queue: J[] = [];
  push(job: J): void { this.queue.push(job); this.schedule(); }
  protected schedule(): void { this.clock.after(0, () => this.step()); }
  protected step(): void { const job = this.queue.shift(); if (job !== undefined) this.handle(job); }
  protected abstract handle(job: J): void;
  constructor(protected readonly clock: Clock) {}
}
export class JobWorker extends Worker<Job> {
  constructor() { super(makeClock()); }
  protected handle(job: Job): void {
    switch (job.kind) {
      case 'count': job.stock.names(); break;
      case 'order': this.#order(job.order); break;
    }
  }
  #order = (order: Order) => { order.place(); const total = order.total(); total.toString(); };
  protected override step(): void { super.step(); this.clock.now(); clock.now(); }
}
export function use(value: Stock | Order | string): void {
  if (value instanceof Stock) value.names();
  else if (typeof value !== 'string') value.place();
  const worker: JobWorker | undefined = value ? new JobWorker() : undefined;
  worker?.push({ kind: 'count', stock: new Stock() });
  const table = new Map<string, JobWorker[]>();
  (table.get('a') ?? []).forEach((each) => each.push({ kind: 'order', order: new Order(new Stock()) }));
  for (const [, workers] of table) for (const each of workers) each.push({ kind: 'count', stock: new Stock() });
  table.forEach((workers) => workers[0]!.push({ kind: 'count', stock: new Stock() }));
}
`,
  'packages/app/src/view/card.tsx': `
import { type Product, format } from '@model';
declare namespace JSX { interface IntrinsicElements { [name: string]: unknown } interface Element {} }
declare const React: { createElement(...args: unknown[]): JSX.Element };
interface CardProps { readonly product: Product; onOpen(product: Product): void; children?: JSX.Element }
export function Card({ product, onOpen }: CardProps): JSX.Element {
  const open = useCallback(() => onOpen(product));
  return <div title={product.describe()} onClick={() => open()}>{label(product)}{[product].map((each) => <b>{format(each.price())}</b>)}</div>;
}
const label = (product: Product) => <i>{product.describe()}</i>;
export const List = (props: { products: Product[] }) => <ul>{props.products.map((product) => <Card product={product} onOpen={(opened) => opened.tag('open')} />)}</ul>;
function useCallback<F>(run: F): F { return useMemo(() => run); }
function useMemo<T>(make: () => T): T { return make(); }
`,
  'packages/legacy/package.json': '{ "name": "@warehouse/legacy", "main": "./lib/index.js" }',
  'packages/legacy/lib/index.js': `
'use strict';
const { join, split: cut } = require('./text');
const Printer = require('./printer');
exports.print = function print(value) { return new Printer(join(cut(value))).run(); };
exports.twice = (value) => exports.print(value) + module.exports.print(value);
module.exports.helpers = require('./helpers');
exports.helpers.first(exports.helpers.rest([1]));
`,
  'packages/legacy/lib/text.js': `
function join(parts) { return parts.map(clean).join(' '); }
const split = (text) => text.split(' ').map((part) => clean(part));
/** @param {string} part */
function clean(part) { return part.trim(); }
module.exports = { join, split, clean };
`,
  'packages/legacy/lib/printer.js': `
const text = require('./text');
class Printer {
  constructor(value) { this.value = value; this.text = text; }
  run() { return this.flush() + text.clean(this.value); }
  flush() { return Printer.eol(); }
  static eol() { return '\\n'; }
}
module.exports = Printer;
`,
  'packages/legacy/lib/helpers.js': `
exports.first = (list) => list[0];
exports.rest = (list) => list.slice(1);
`,
  'packages/app/src/main.ts': `
import * as orders from '#services/orders';
import { JobWorker, use } from './services/jobs.ts';
import legacy = require('../../legacy/lib/index.js');
import { Shelf, Side } from './model/shelf.ts';
import { lookup, reduced, standard as usual } from '@warehouse/tax';
const main = orders.run;
void main().then((text) => text.length);
use(new JobWorker() as never);
legacy.print('x');
legacy.twice('y');
Shelf.Labels.print(Shelf.at(Side.flip(Side.Right)));
[lookup('a'), reduced(), usual()].map((rate) => rate.share());
export const handlers: { [event: string]: (value: string) => void } = { a: legacy.print };
handlers['a']?.('z');
const chosen = Math.random() > 0.5 ? reduced : usual;
chosen().share();
(async () => { await orders.run(); })();
function* count() { yield new JobWorker(); }
for (const worker of count()) worker.push({ kind: 'order', order: undefined as never });
`,
};
