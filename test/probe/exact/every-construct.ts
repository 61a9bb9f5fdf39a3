/** A program with a function of every kind, each on its own line, which runs for some milliseconds. */
export const everyConstruct = `'use strict';
const busy = (ms = 6) => { const until = performance.now() + ms; while (performance.now() < until); };
const key = 'dynamic', api = { users: {} }, list = [], calls = [];
function declared() { busy(); }
function nestedOuter() { return nestedInner();
  function nestedInner() { busy(); } }
module.exports = function () { busy(); };
exports.named = () => busy();
module.exports.member = () => busy();
api.users.list = function () { busy(); };
api['dash-ed'] = () => busy();
api[key] = () => busy();
api.first = api.second = () => busy();
api.late ??= () => busy();
let later; later = function () { busy(); };
const { fromDefault = () => busy() } = {};
const [fromArray = () => busy()] = [];
const expression = function ownName() { busy(); };
const sequence = (0, () => busy());
const choice = key ? () => busy() : undefined;
const array = [() => busy()];
const outer = () => () => busy();
function Old() { this.run = function () { busy(); }; }
Old.prototype.method = function () { busy(); };
Old.prototype['quoted method'] = function () { busy(); };
const table = {
  arrow: () => busy(),
  method() { busy(); },
  'two words': () => busy(),
  'a.b': () => busy(),
  'ns:name'() { busy(); },
  42: () => busy(),
  [key]: () => busy(),
  [Symbol.iterator]: () => busy(),
  get read() { return busy(); },
  set written(value) { busy(); },
  async asynchronous() { busy(); },
  *generator() { busy(); },
  async *asynchronousGenerator() { busy(); },
  nested: { deep: () => busy() },
  default: () => busy(),
};
class Repo {
  static create = () => busy();
  save = async () => busy();
  #hidden = () => busy();
  static #hiddenStatic() { busy(); }
  static async load() { busy(); }
  get size() { return busy(); }
  #inner() { busy(); }
  'quoted'() { busy(); }
  [Symbol.asyncIterator]() { busy(); }
  static useHidden() { Repo.#hiddenStatic(); }
  useHidden() { this.#hidden(); this.#inner(); } }
class WithFields {
  first = busy(30);
  static one = busy(30);
  static { busy(30); }
}
class WithConstructor { constructor() { busy(); } }
const Assigned = class { run() { busy(); } };
const Named = class Inner { run() { busy(); } };
api.Member = class { run() { busy(); } };
function* topGenerator() { busy(); yield 1; busy(); }
async function topAsync() { await null; busy(); }
async function* topBoth() { await null; busy(); yield 1; }
(function () { busy(); })();
(() => busy())();
[1].forEach((each) => busy());
async function main() {
  declared(); nestedOuter(); module.exports(); exports.named(); module.exports.member();
  for (const name of ['dash-ed', key, 'first', 'late']) api[name]();
  api.users.list(); later(); fromDefault(); fromArray(); expression(); sequence(); choice(); array[0](); outer()();
  const old = new Old(); old.run(); old.method(); old['quoted method']();
  for (const name of ['arrow', 'method', 'two words', 'a.b', 'ns:name', 42, key, Symbol.iterator, 'default']) table[name]();
  table.read; table.written = 1; table.asynchronous(); table.generator().next(); table.asynchronousGenerator().next();
  table.nested.deep();
  const repo = new Repo(); Repo.create(); repo.save(); Repo.load(); repo.size; repo.quoted(); repo[Symbol.asyncIterator]();
  Repo.useHidden(); repo.useHidden(); new WithFields(); new WithConstructor(); new Assigned().run(); new Named().run();
  new api.Member().run(); [...topGenerator()]; await topAsync(); for await (const value of topBoth()) busy();
}
main();
`;
