/** Profiles programs whose work is known, and checks that the zero-code probe reports it. */
import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { transformSync } from 'esbuild';
import {
  createProgramFolder,
  operationsIn,
  type ProfiledResult,
  type ReportedOperation,
  runPlain,
  runProfiled,
} from '../profiled-program.ts';
import { assertSimilarShares, readCpuProfileShares, type SelfTimeShares, sharesByPlace } from '../self-time-shares.ts';

const root = resolve(import.meta.dirname, '../../..');

/** Returns the source of a function that computes for this long. */
function spinSource(name: string, ms: number): string {
  return `function ${name}() {
  const start = performance.now();
  let sum = 0;
  while (performance.now() - start < ${ms}) for (let i = 0; i < 3000; i++) sum += Math.sqrt(i);
  return sum;
}
`;
}

function findOperation({ batches }: ProfiledResult, name: string): ReportedOperation {
  const operations = operationsIn(batches);
  const operation = operations.find((candidate) => candidate.name === name);
  assert.ok(operation, `${name} was not reported, but ${operations.map((candidate) => candidate.name)}`);
  return operation;
}

function assertComplete({ errors, batches: all }: ProfiledResult): void {
  assert.deepEqual(errors, []);
  for (const source of new Set(all.map((batch) => batch.source))) {
    const batches = all.filter((batch) => batch.source === source);
    assert.deepEqual(
      batches.map((batch) => batch.sequence),
      batches.map((_batch, index) => index),
    );
    assert.ok(batches[0]?.hello, `${source} has sent a hello`);
    assert.ok(batches.at(-1)?.bye, `${source} has sent a bye`);
  }
}

describe('preload', function () {
  this.timeout(60_000);

  it('reports a program that never returns to its event loop while it runs, with the right shares', async () => {
    const work = `${spinSource('sixty', 60)}${spinSource('thirty', 30)}${spinSource('ten', 10)}`;
    const cwd = createProgramFolder({
      'busy.cjs': `${work}for (let i = 0; i < 20; i++) { sixty(); thirty(); ten(); }\n`,
    });
    const result = await runProfiled(['busy.cjs'], { cwd });
    assertComplete(result);
    const shares = [findOperation(result, 'sixty'), findOperation(result, 'thirty'), findOperation(result, 'ten')];
    const all = shares.reduce((sum, { selfNs }) => sum + selfNs, 0);
    for (const [index, percent] of [60, 30, 10].entries()) {
      const share = ((shares[index]?.selfNs ?? 0) / all) * 100;
      assert.ok(Math.abs(share - percent) < 5, `${percent} % was reported as ${share.toFixed(1)} %`);
    }
    assert.deepEqual(
      shares.map(({ line }) => line),
      [1, 7, 13],
    );
    // Two seconds of work with four reports a second: most arrive while the program is still working.
    const live = result.batches.filter((batch) => batch.stackSamples && !batch.bye);
    assert.ok(live.length >= 4, `${live.length} batches before the end`);
  });

  it('reports as its cost how much later the program starts', async () => {
    const cwd = createProgramFolder({ 'when.cjs': 'console.log(performance.now());' });
    const delaysMs: number[] = [];
    const costsMs: number[] = [];
    for (let round = 0; round < 5; round++) {
      const { stdout, batches } = await runProfiled(['when.cjs'], { cwd });
      delaysMs.push(Number(stdout) - Number(runPlain(['when.cjs'], { cwd }).stdout));
      costsMs.push(Math.max(...batches.map(({ cost }) => cost.flushNs)) / 1e6);
    }
    const median = (values: number[]): number => values.sort((a, b) => a - b)[2] ?? Number.NaN;
    const [delayMs, costMs] = [median(delaysMs), median(costsMs)];
    assert.ok(delayMs > 0 && costMs > 0.5 * delayMs, `reported ${costMs} ms of ${delayMs} ms`);
  });

  it('maps compiled code to the lines of the source', async () => {
    const source = `interface Box { size: number }\n\n// Not compiled.\n${spinSource('slow', 500)}\nconst box: Box = { size: slow() };\nconsole.log(typeof box.size);\n`;
    const build = (sourcemap: 'inline' | 'external') =>
      transformSync(source, { loader: 'ts', format: 'cjs', sourcemap, minify: true, sourcefile: 'src/box.ts' });
    const beside = build('external');
    const cwd = createProgramFolder({
      'src/box.ts': source,
      'inline.cjs': build('inline').code,
      'beside.cjs': `${beside.code}//# sourceMappingURL=beside.cjs.map\n`,
      'beside.cjs.map': beside.map,
    });
    for (const program of ['src/box.ts', 'inline.cjs', 'beside.cjs']) {
      const result = await runProfiled([program], { cwd });
      assert.equal(result.stdout, 'number\n');
      const slow = operationsIn(result.batches).find(({ line, selfNs }) => line === 4 && selfNs > 0);
      assert.equal(slow?.file, join(cwd, 'src/box.ts'), program);
    }
  });

  it('reports each worker thread and each child process as a separate source', async () => {
    const cwd = createProgramFolder({
      'main.cjs': `${spinSource('inMain', 300)}
        const { Worker } = require('node:worker_threads');
        const { fork } = require('node:child_process');
        new Worker(require.resolve('./worker.cjs'));
        fork(require.resolve('./child.cjs')).on('message', (message) => console.log(message));
        setTimeout(inMain, 50);`,
      'worker.cjs': `${spinSource('inWorker', 400)}inWorker();`,
      'child.cjs': `${spinSource('inChild', 300)}inChild(); process.send('by the channel'); process.disconnect();`,
    });
    const result = await runProfiled(['main.cjs'], { cwd });
    assertComplete(result);
    assert.equal(result.stdout, 'by the channel\n');
    const sources = ['inMain', 'inWorker', 'inChild'].map((name) => findOperation(result, name).source);
    assert.equal(new Set(sources).size, 3);
    const [main = '', worker = '', child = ''] = sources.map((source) => source.split('.')[0]);
    assert.equal(main, worker);
    assert.notEqual(main, child);
    const hello = result.batches.find(({ source }) => source === sources[2])?.hello;
    assert.equal(String(hello?.ppid), main);
    // Three threads share the CPUs, so each gets less CPU time than it runs for.
    for (const name of ['inWorker', 'inChild']) assert.ok(findOperation(result, name).selfNs > 80e6, name);
  });

  it('keeps the counts of workers apart that start at the same time', async () => {
    const cwd = createProgramFolder({
      'many.cjs': `const { Worker, isMainThread, threadId } = require('node:worker_threads');
        function work(x) { return x + 1; }
        for (let i = 0; i < 1000 + threadId; i++) work(i);
        if (isMainThread) for (let i = 0; i < 8; i++) new Worker(__filename);`,
    });
    const result = await runProfiled(['many.cjs'], {
      cwd,
      config: { exact: [{ file: join(cwd, 'many.cjs'), name: 'work' }] },
    });
    assertComplete(result);
    const calls = operationsIn(result.batches)
      .filter(({ name }) => name === 'work')
      .map(({ source, count }) => [Number(source.split('.')[1]), count] as const);
    const threads = calls.map(([thread]) => thread).toSorted((a, b) => a - b);
    assert.equal(threads.length, 9);
    for (const [thread, count] of calls) assert.equal(count, 1000 + thread, `thread ${thread}`);
  });

  it('reports the functions of a package in a component of the package', async () => {
    const cwd = createProgramFolder({
      'app/main.cjs': `const { work } = require('pack');\n${spinSource('local', 150)}local(); work();`,
      'app/node_modules/pack/index.js': `${spinSource('inner', 150)}exports.work = () => inner();`,
      'beside.cjs': 'x',
    });
    const result = await runProfiled(['main.cjs'], { cwd: join(cwd, 'app') });
    assert.ok(findOperation(result, 'local').selfNs > 60e6);
    const inner = findOperation(result, 'inner');
    assert.ok(inner.selfNs > 60e6);
    assert.deepEqual([inner.component, inner.file], ['node_modules/pack', join(cwd, 'app/node_modules/pack/index.js')]);
    assert.ok(!operationsIn(result.batches).some(({ name }) => name === '(idle)'));
  });

  it('agrees with --cpu-prof on a program from the registry', async () => {
    const program = join(root, 'node_modules/acorn/bin/acorn');
    const parameters = ['--ecma2022', '--silent', join(root, 'node_modules/@ts-morph/common/dist/typescript.js')];
    const cwd = createProgramFolder({});
    // Only fine sampling is V8's profiler too, and sees inlined code as that does.
    const config = { workspace: '', budgetRatio: 1, hasFineSampling: true };
    const expectedRuns: SelfTimeShares[] = [];
    const actualRuns: SelfTimeShares[] = [];
    // A single run varies as much as the tolerance, so compare means of several runs that take turns.
    for (const run of ['1', '2', '3']) {
      const flags = ['--cpu-prof', '--cpu-prof-interval', '1000', '--cpu-prof-name', run];
      assert.equal(runPlain([...flags, program, ...parameters], { cwd }).status, 0);
      expectedRuns.push(readCpuProfileShares(readFileSync(join(cwd, run), 'utf8')));
      const result = await runProfiled([program, ...parameters], { cwd, config });
      assert.equal(result.status, 0);
      const functions = operationsIn(result.batches).filter(({ file }) => file);
      actualRuns.push(sharesByPlace(functions.map(({ file, line, selfNs }) => [`${file}:${line}`, selfNs] as const)));
    }
    assertSimilarShares(expectedRuns, actualRuns);
  });
});
