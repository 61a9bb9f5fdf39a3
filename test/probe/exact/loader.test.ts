/** Holds the wrapping of loaded files to what comes in between: the sampler speaks to a thread in the midst of anything it does. */
import { strict as assert } from 'node:assert';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { counters, off } from '../../../src/probe/exact/exact-counters.ts';
import type * as Wrapping from '../../../src/probe/exact/instrument.ts';
import type * as Loading from '../../../src/probe/exact/loader.ts';
import type { Wishes } from '../../../src/protocol/control.ts';
import { preloadFolder } from '../zero.ts';

const code = 'function first() {}\nfunction second() {}\n';
const wishes = (file: string, name: string): Wishes => ({
  samplingNs: 1e6,
  budgetRatio: 0.5,
  workspace: '/w',
  exact: [{ file, name }],
});

describe('Loader', function () {
  this.timeout(30_000);
  let home: string;
  /** A thread has one. */
  let loader: Loading.Loader;
  let memory: SharedArrayBuffer | undefined;
  /** What comes in between, at one of two moments. */
  let interrupts: { placed?: () => void; told?: () => void } = {};
  const asText = Function.prototype.toString;

  before(async () => {
    home = await preloadFolder();
    await build({
      entryPoints: [resolve(import.meta.dirname, '../../../src/probe/exact/loader.ts')],
      bundle: true,
      platform: 'node',
      format: 'cjs',
      outfile: join(home, 'loader.cjs'),
      logLevel: 'error',
    });
    const require = createRequire(import.meta.url);
    const { Loader } = require(join(home, 'loader.cjs')) as typeof Loading;
    loader = new Loader(wishes('/w/a.js', 'first'), (shared) => {
      memory = shared;
    });
    const { wrap, Origins } = require(join(home, 'wrap.cjs')) as typeof Wrapping;
    precede(Origins.prototype, 'of', () => interrupts.placed?.());
    precede(Object.getPrototypeOf(wrap(code, 'commonjs', () => 0)?.insertions), 'shifts', () => interrupts.told?.());
  });

  after(() => Object.assign(Function.prototype, { toString: asText }));

  it('tells of a file although the sampler asks while it is wrapped', () => {
    const told: Loading.WrappedFile[] = [];
    interrupts = { told: () => void told.push(...loader.takeWrapped()) };
    assert.notEqual(loader.load(code, '/w/a.js', 'commonjs'), code);
    told.push(...loader.takeWrapped());
    assert.deepEqual(
      told.map(({ rows }) => rows.map(({ name }) => name)),
      [['first', 'second']],
    );
  });

  it('times what is wished while its file is wrapped', () => {
    loader.wish(wishes('/w/b.js', 'first'));
    let places = 0;
    interrupts = {
      placed: () => {
        if (++places === 2) loader.wish(wishes('/w/b.js', 'second'));
      },
    };
    loader.load(code, '/w/b.js', 'commonjs');
    assert.ok(memory);
    assert.deepEqual([...counters(memory).mask.slice(2, 4)], [off, 0]);
  });
});

/** Has something done before each call of a method. */
function precede(prototype: object, method: string, act: () => void): void {
  const own: (...given: unknown[]) => unknown = Reflect.get(prototype, method);
  Reflect.set(prototype, method, function (this: unknown, ...given: unknown[]) {
    act();
    return own.apply(this, given);
  });
}
