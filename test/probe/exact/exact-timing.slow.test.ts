/** Checks exact timing against known counts, and that instrumented code behaves like the original. */
import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import {
  createProgramFolder,
  operationsIn,
  type ProfiledResult,
  type ReportedOperation,
  runPlain,
  runProfiled,
} from '../profiled-program.ts';

const countedProgram = `
function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
class Account {
  #sum = 0;
  add(n) { if (n < 0) throw new RangeError('below zero'); this.#sum += n; return this; }
  get sum() { return this.#sum; }
}
const twice = (x) => x * 2;
async function later(ms) {
  const start = process.threadCpuUsage();
  while (process.threadCpuUsage(start).user < 10_000);
  await new Promise((done) => setTimeout(done, ms));
  return ms;
}
async function fails() { try { await Promise.reject(new Error('no')); } catch (error) { throw error; } }
function* numbers() { yield 1; yield 2; }
const account = new Account();
for (let i = 0; i < 700; i++) account.add(i);
for (let i = 0; i < 5; i++) try { account.add(-1); } catch (error) { console.log(error.message); }
console.log(fib(15), account.sum, [1, 2, 3].map(twice), [...numbers()], fib.toString(), Account.toString(), twice + '', fib.name, fib.length);
Promise.all([later(60), later(60), later(60)]).then(console.log);
fails().catch((error) => console.log(error.message));
`;

function countedOperations({ batches }: ProfiledResult): ReportedOperation[] {
  return operationsIn(batches).filter(({ count }) => count > 0);
}

describe('exact timing', function () {
  this.timeout(60_000);

  for (const name of ['counted.cjs', 'counted.mjs', 'counted.ts']) {
    it(`counts every call and does not change the output: ${name}`, async () => {
      const cwd = createProgramFolder({
        [name]: countedProgram.replace('fib(n)', name.endsWith('ts') ? 'fib(n: number)' : 'fib(n)'),
      });
      const profiled = await runProfiled([name], { cwd, config: { exact: [{ file: join(cwd, name) }] } });
      const expected = runPlain([name], { cwd });
      assert.deepEqual([profiled.status, profiled.stdout, profiled.stderr], [0, expected.stdout, expected.stderr]);
      const counts = Object.fromEntries(
        countedOperations(profiled).map((operation) => [
          operation.name,
          [operation.count, operation.errors, operation.timed],
        ]),
      );
      assert.deepEqual(
        [
          counts['fib'],
          counts['Account.add'],
          counts['Account.get sum'],
          counts['twice'],
          counts['later'],
          counts['fails'],
        ],
        [
          [1973, 0, 1973],
          [705, 5, 705],
          [1, 0, 1],
          [3, 0, 3],
          [3, 0, 3],
          [1, 1, 1],
        ],
      );
      assert.deepEqual(counts['numbers'], [1, 0, 1]);
      const later = countedOperations(profiled).find((operation) => operation.name === 'later');
      // Three concurrent calls: each waits 60 ms and runs 10 ms, and the later ones also wait for the earlier ones to run.
      const [durationsNs, totalNs, cpuNs] = [later?.durationsNs ?? 0, later?.totalNs ?? 0, later?.cpuNs ?? 0];
      assert.ok(durationsNs >= 3 * 69e6, `${durationsNs}`);
      assert.ok(totalNs >= 69e6 && totalNs < durationsNs, `${totalNs} of ${durationsNs}`);
      assert.ok(cpuNs >= 3 * 9e6 && cpuNs < 0.5 * durationsNs, `${cpuNs}`);
      const fib = countedOperations(profiled).find((operation) => operation.name === 'fib');
      const buckets = profiled.batches.flatMap((batch) => batch.operations ?? []).filter(({ id }) => id === fib?.id);
      const inBuckets = buckets.flatMap((delta) => delta.buckets).filter((_value, index) => index % 2 === 1);
      assert.equal(
        inBuckets.reduce((sum, count) => sum + count, 0),
        1973,
      );
    });
  }

  it('times only the requested function, by name or line, in compiled code too', async () => {
    const source = `export interface A { x: number }\nfunction first(n: number) { return n; }\n\nfunction second(n: number) { return first(n) + 1; }\nlet sum = 0;\nfor (let i = 0; i < 50; i++) sum += second(i);\nconsole.log(sum);\n`;
    const { code, map } = transformSync(source, {
      loader: 'ts',
      format: 'cjs',
      sourcemap: 'external',
      minifyWhitespace: true,
      sourcefile: 'src/a.ts',
    });
    const cwd = createProgramFolder({
      'src/a.ts': source,
      'a.cjs': `${code}//# sourceMappingURL=a.cjs.map\n`,
      'a.cjs.map': map,
    });
    const file = join(cwd, 'src/a.ts');
    for (const [target, name] of [
      [{ file, name: 'first' }, 'first'],
      [{ file, line: 4 }, 'second'],
    ] as const) {
      const profiled = await runProfiled(['a.cjs'], { cwd, config: { exact: [target] } });
      assert.equal(profiled.stdout, '1275\n');
      assert.deepEqual(
        countedOperations(profiled).map((operation) => [operation.name, operation.count, operation.file]),
        [[name, 50, file]],
      );
    }
  });

  it('keeps the count exact but times fewer calls if timing all of them would exceed the budget', async () => {
    const cwd = createProgramFolder({
      'hot.cjs': `function tiny(x) { return x + 1; }\nlet sum = 0;\nfor (let i = 0; i < 3e6; i++) sum = tiny(sum);\nconsole.log(sum);\n`,
    });
    const profiled = await runProfiled(['hot.cjs'], {
      cwd,
      config: { exact: [{ file: join(cwd, 'hot.cjs') }], budgetRatio: 0.01 },
    });
    const [tiny] = countedOperations(profiled);
    assert.equal(tiny?.count, 3_000_000);
    assert.ok(tiny.timed > 0 && tiny.timed < 1_000_000, `${tiny.timed} timed`);
    assert.ok(tiny.totalNs > 0);
  });

  it('counts a recursion once towards the total', async () => {
    const cwd = createProgramFolder({
      'deep.cjs': `const start = performance.now();\nfunction deep(n) { const until = performance.now() + 5; while (performance.now() < until); if (n > 0) deep(n - 1); }\ndeep(19);\nconsole.log((performance.now() - start) * 1e6);\n`,
    });
    const profiled = await runProfiled(['deep.cjs'], {
      cwd,
      config: { exact: [{ file: join(cwd, 'deep.cjs'), name: 'deep' }] },
    });
    const [deep] = countedOperations(profiled);
    assert.equal(deep?.count, 20);
    const wallNs = Number(profiled.stdout);
    // The sum over all levels would be ten times as much.
    assert.ok(deep.totalNs <= wallNs && deep.totalNs >= 99e6, `${deep.totalNs} of ${wallNs}`);
  });

  it('starts and stops counting functions while the program runs', async () => {
    const cwd = createProgramFolder({
      'main.cjs': `function early() { return 1; }\nfunction late() { return 2; }\nsetInterval(() => { early(); late(); }, 20);\nsetTimeout(() => process.exit(0), 2500);\n`,
    });
    const file = join(cwd, 'main.cjs');
    const config = { samplingNs: 1e6, exact: [{ file, name: 'early' }], budgetRatio: 0.5, workspace: cwd };
    const profiled = await runProfiled(['main.cjs'], {
      cwd,
      config,
      onStarted: (_child, listener) => {
        const timer = setInterval(() => {
          if (listener.guestCount === 0) return;
          clearInterval(timer);
          setTimeout(
            () => listener.broadcast({ type: 'wish', wishes: { ...config, exact: [{ file, name: 'late' }] } }),
            700,
          );
        }, 20);
      },
    });
    const counts = Object.fromEntries(countedOperations(profiled).map(({ name, count }) => [name, count]));
    assert.ok((counts['early'] ?? 0) > 0 && (counts['late'] ?? 0) > 0, JSON.stringify(counts));
    // Each was counted only part of the time.
    assert.ok((counts['early'] ?? 0) + (counts['late'] ?? 0) <= 130, JSON.stringify(counts));
  });
});
