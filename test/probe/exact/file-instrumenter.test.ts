/** Checks instrumentation while the sampler interferes: its calls can interrupt a thread at any moment. */
import { strict as assert } from 'node:assert';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { createCounters, isEnabled } from '../../../src/probe/exact/counting/exact-counters.ts';
import type * as FileInstrumenterModule from '../../../src/probe/exact/file-instrumenter.ts';
import type * as InstrumentModule from '../../../src/probe/exact/instrument.ts';
import type { ProbeConfig } from '../../../src/protocol/control.ts';
import { buildPreload } from '../profiled-program.ts';

const code = 'function first() {}\nfunction second() {}\n';
const configFor = (file: string, name: string): ProbeConfig => ({
  samplingNs: 1e6,
  budgetRatio: 0.5,
  workspace: '/w',
  exact: [{ file, name }],
});

describe('FileInstrumenter', function () {
  this.timeout(30_000);
  let instrumenter: FileInstrumenterModule.FileInstrumenter;
  let memory: SharedArrayBuffer | undefined;
  /** Run in the middle of an instrumentation, at these two moments. */
  let interrupts: { beforePosition?: () => void; beforeShifts?: () => void } = {};
  const originalToString = Function.prototype.toString;

  before(async () => {
    const folder = await buildPreload();
    await build({
      entryPoints: [resolve(import.meta.dirname, '../../../src/probe/exact/file-instrumenter.ts')],
      bundle: true,
      platform: 'node',
      format: 'cjs',
      outfile: join(folder, 'file-instrumenter.cjs'),
      logLevel: 'error',
    });
    const require = createRequire(import.meta.url);
    const { FileInstrumenter } = require(join(folder, 'file-instrumenter.cjs')) as typeof FileInstrumenterModule;
    instrumenter = new FileInstrumenter(configFor('/w/a.js', 'first'), {
      onCounters: (shared) => {
        memory = shared;
      },
      onFile: () => undefined,
    });
    const { instrument, SourceMaps } = require(join(folder, 'wrap.cjs')) as typeof InstrumentModule;
    const instrumented = instrument(code, 'commonjs', () => 0);
    assert.ok(instrumented.kind === 'instrumented');
    const { edits } = instrumented;
    runBefore(SourceMaps.prototype, 'originalFunction', () => interrupts.beforePosition?.());
    runBefore(Object.getPrototypeOf(edits), 'columnShifts', () => interrupts.beforeShifts?.());
  });

  after(() => Object.assign(Function.prototype, { toString: originalToString }));

  it('reports a file once even if the sampler asks while the file is being instrumented', () => {
    const files: FileInstrumenterModule.InstrumentedFile[] = [];
    interrupts = { beforeShifts: () => void files.push(...instrumenter.drainFiles()) };
    assert.notEqual(instrumenter.instrument(code, '/w/a.js', 'commonjs'), code);
    files.push(...instrumenter.drainFiles());
    assert.deepEqual(
      files.map(({ functions }) => functions.map(({ name }) => name)),
      [['first', 'second']],
    );
  });

  it('times a function that is requested while its file is being instrumented', () => {
    instrumenter.configure(configFor('/w/b.js', 'first'));
    let positions = 0;
    interrupts = {
      beforePosition: () => {
        if (++positions === 2) instrumenter.configure(configFor('/w/b.js', 'second'));
      },
    };
    instrumenter.instrument(code, '/w/b.js', 'commonjs');
    assert.ok(memory);
    const counters = createCounters(memory);
    assert.deepEqual([isEnabled(counters, 2), isEnabled(counters, 3)], [false, true]);
  });
});

/** Replaces a method by one that runs `action` first. */
function runBefore(prototype: object, method: string, action: () => void): void {
  const original: (...parameters: unknown[]) => unknown = Reflect.get(prototype, method);
  Reflect.set(prototype, method, function (this: unknown, ...parameters: unknown[]) {
    action();
    return original.apply(this, parameters);
  });
}
