/** Holds the zero-code probe to real programs: it sees what was planted in them, and they do not see it. */
import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { transformSync } from 'esbuild';
import { assertAlike, ratios, type Shares, sharesOf } from '../shares.ts';
import { folderOf, plain, profiled, type Seen, type Told, told } from '../zero.ts';

const root = resolve(import.meta.dirname, '../../..');

/** A function that works for this long, measured by itself. */
function spin(name: string, ms: number): string {
  return `function ${name}() {
  const start = performance.now();
  let sum = 0;
  while (performance.now() - start < ${ms}) for (let i = 0; i < 3000; i++) sum += Math.sqrt(i);
  return sum;
}
`;
}

function find(seen: Seen, name: string, source?: string): Told {
  const found = told(seen.batches).find((one) => one.name === name && (source === undefined || one.source === source));
  assert.ok(found, `${name} was not told; told were ${told(seen.batches).map((one) => one.name)}`);
  return found;
}

function isWhole(seen: Seen): void {
  assert.deepEqual(seen.faults, []);
  for (const source of new Set(seen.batches.map((batch) => batch.source))) {
    const batches = seen.batches.filter((batch) => batch.source === source);
    assert.deepEqual(
      batches.map((batch) => batch.sequence),
      batches.map((_batch, index) => index),
    );
    assert.ok(batches[0]?.hello, `${source} says who it is`);
    assert.ok(batches.at(-1)?.bye, `${source} says that it has ended`);
  }
}

describe('preload', function () {
  this.timeout(60_000);

  it('sees a program live that never returns to its loop, in its planted shares', async () => {
    const work = `${spin('sixty', 60)}${spin('thirty', 30)}${spin('ten', 10)}`;
    const cwd = folderOf({ 'busy.cjs': `${work}for (let i = 0; i < 20; i++) { sixty(); thirty(); ten(); }\n` });
    const seen = await profiled(['busy.cjs'], { cwd });
    isWhole(seen);
    const shares = [find(seen, 'sixty'), find(seen, 'thirty'), find(seen, 'ten')];
    const all = shares.reduce((sum, { selfNs }) => sum + selfNs, 0);
    for (const [index, percent] of [60, 30, 10].entries()) {
      const share = ((shares[index]?.selfNs ?? 0) / all) * 100;
      assert.ok(Math.abs(share - percent) < 5, `${percent} % was told as ${share.toFixed(1)} %`);
    }
    assert.deepEqual(
      shares.map(({ line }) => line),
      [1, 7, 13],
    );
    // Two seconds of work in beats of a quarter: most come while the program is still in its loop.
    const live = seen.batches.filter((batch) => batch.samples && !batch.bye);
    assert.ok(live.length >= 4, `${live.length} batches before the end`);
  });

  it('tells what the program waited for it as a cost of its own', async () => {
    const cwd = folderOf({ 'when.cjs': 'console.log(performance.now());' });
    const laterMs: number[] = [];
    const toldMs: number[] = [];
    for (let round = 0; round < 5; round++) {
      const seen = await profiled(['when.cjs'], { cwd });
      laterMs.push(Number(seen.stdout) - Number(plain(['when.cjs'], { cwd }).stdout));
      toldMs.push(Math.max(...seen.batches.map(({ cost }) => cost.flushNs)) / 1e6);
    }
    const median = (values: number[]): number => values.sort((a, b) => a - b)[2] ?? Number.NaN;
    const [later, told] = [median(laterMs), median(toldMs)];
    assert.ok(later > 0 && told > 0.5 * later, `${told} ms told of ${later} ms`);
  });

  it('maps compiled code to the lines that were written', async () => {
    const source = `interface Box { size: number }\n\n// Not compiled.\n${spin('slow', 500)}\nconst box: Box = { size: slow() };\nconsole.log(typeof box.size);\n`;
    const build = (sourcemap: 'inline' | 'external') =>
      transformSync(source, { loader: 'ts', format: 'cjs', sourcemap, minify: true, sourcefile: 'src/box.ts' });
    const beside = build('external');
    const cwd = folderOf({
      'src/box.ts': source,
      'inline.cjs': build('inline').code,
      'beside.cjs': `${beside.code}//# sourceMappingURL=beside.cjs.map\n`,
      'beside.cjs.map': beside.map,
    });
    for (const program of ['src/box.ts', 'inline.cjs', 'beside.cjs']) {
      const seen = await profiled([program], { cwd });
      assert.equal(seen.stdout, 'number\n');
      const slow = told(seen.batches).find(({ line, selfNs }) => line === 4 && selfNs > 0);
      assert.equal(slow?.file, join(cwd, 'src/box.ts'), program);
    }
  });

  it('tells each worker thread and each child process as a source of its own', async () => {
    const cwd = folderOf({
      'main.cjs': `${spin('inMain', 300)}
        const { Worker } = require('node:worker_threads');
        const { fork } = require('node:child_process');
        new Worker(require.resolve('./worker.cjs'));
        fork(require.resolve('./child.cjs')).on('message', (told) => console.log(told));
        setTimeout(inMain, 50);`,
      'worker.cjs': `${spin('inWorker', 400)}inWorker();`,
      'child.cjs': `${spin('inChild', 300)}inChild(); process.send('by the channel'); process.disconnect();`,
    });
    const seen = await profiled(['main.cjs'], { cwd });
    isWhole(seen);
    assert.equal(seen.stdout, 'by the channel\n');
    const sources = ['inMain', 'inWorker', 'inChild'].map((name) => find(seen, name).source);
    assert.equal(new Set(sources).size, 3);
    const [main = '', worker = '', child = ''] = sources.map((source) => source.split('.')[0]);
    assert.equal(main, worker);
    assert.notEqual(main, child);
    const hello = seen.batches.find(({ source }) => source === sources[2])?.hello;
    assert.equal(String(hello?.ppid), main);
    for (const name of ['inWorker', 'inChild']) assert.ok(find(seen, name).selfNs > 150e6, name);
  });

  it('tells workers apart that start at once, each with its own numbers', async () => {
    const cwd = folderOf({
      'many.cjs': `const { Worker, isMainThread, threadId } = require('node:worker_threads');
        function work(x) { return x + 1; }
        for (let i = 0; i < 1000 + threadId; i++) work(i);
        if (isMainThread) for (let i = 0; i < 8; i++) new Worker(__filename);`,
    });
    const seen = await profiled(['many.cjs'], {
      cwd,
      wishes: { exact: [{ file: join(cwd, 'many.cjs'), name: 'work' }] },
    });
    isWhole(seen);
    const calls = told(seen.batches)
      .filter(({ name }) => name === 'work')
      .map(({ source, count }) => [Number(source.split('.')[1]), count] as const);
    const threads = calls.map(([thread]) => thread).toSorted((a, b) => a - b);
    assert.equal(threads.length, 9);
    for (const [thread, count] of calls) assert.equal(count, 1000 + thread, `thread ${thread}`);
  });

  it('tells what is not of the workspace as one operation for each package', async () => {
    const cwd = folderOf({
      'app/main.cjs': `const { work } = require('pack');\n${spin('own', 150)}own(); work();`,
      'app/node_modules/pack/index.js': `${spin('inner', 150)}exports.work = () => inner();`,
      'beside.cjs': 'x',
    });
    const seen = await profiled(['main.cjs'], { cwd: join(cwd, 'app') });
    assert.ok(find(seen, 'own').selfNs > 100e6);
    const pack = find(seen, 'node_modules/pack');
    assert.ok(pack.selfNs > 100e6 && pack.file === undefined);
    assert.ok(!told(seen.batches).some(({ name }) => name === 'inner' || name === '(idle)'));
  });

  it('agrees with --cpu-prof on a program from the registry', async () => {
    const program = join(root, 'node_modules/acorn/bin/acorn');
    const parameters = ['--ecma2022', '--silent', join(root, 'node_modules/@ts-morph/common/dist/typescript.js')];
    const cwd = folderOf({});
    const truths: Shares[] = [];
    const tellings: Shares[] = [];
    // One run differs from the next by as much as is allowed here: both sides are means of runs that take turns.
    for (const run of ['1', '2', '3']) {
      const flags = ['--cpu-prof', '--cpu-prof-interval', '1000', '--cpu-prof-name', run];
      assert.equal(plain([...flags, program, ...parameters], { cwd }).status, 0);
      truths.push(sharesOf(readFileSync(join(cwd, run), 'utf8')));
      const seen = await profiled([program, ...parameters], { cwd, wishes: { workspace: '', budgetRatio: 1 } });
      assert.equal(seen.status, 0);
      const functions = told(seen.batches).filter(({ file }) => file);
      tellings.push(ratios(functions.map(({ file, line, selfNs }) => [`${file}:${line}`, selfNs] as const)));
    }
    assertAlike(truths, tellings);
  });
});
