import { strict as assert } from 'node:assert';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createTemporaryFolder } from '../../fixtures/pipeline.ts';
import { until } from '../../fixtures/wait.ts';
import { syntheticSecrets } from './checks/safety/synthetic-secrets.ts';
import { type PlantedRepository, plant } from './planted-repository.ts';
import { run } from './run-validation.ts';

/** Custom checks, because their programs behave the same on every machine. */
const config = {
  validation: {
    profiles: {
      good: { checks: ['PASSES'] },
      mixed: { checks: ['PASSES', 'WARNS', 'FAILS', 'AFTER'] },
      unknown: { checks: ['PASSES'], required: ['NO_SUCH'] },
      missing: { checks: ['PASSES', 'NO_TOOL'] },
      slow: { checks: ['PASSES', 'SLEEPS'] },
      late: { checks: ['PASSES', 'SLEEPS'], budgetMs: 700 },
    },
    checks: [
      { id: 'PASSES', command: 'node', args: ['-e', ''], category: 'build' },
      { id: 'WARNS', command: 'node', args: ['-e', 'process.exit(1)'], category: 'tests', severity: 'warning' },
      {
        id: 'FAILS',
        command: 'node',
        args: ['-e', 'console.log("src/a.ts:3: bad"); process.exit(2)'],
        category: 'own',
        parse: '^(?<file>[^:]+):(?<line>\\d+): (?<message>.*)$',
      },
      { id: 'AFTER', command: 'node', args: ['-e', ''], dependsOn: ['FAILS'] },
      { id: 'NO_TOOL', command: 'no-such-program-here', category: 'safety' },
      {
        id: 'SLEEPS',
        command: 'node',
        args: ['-e', 'require("fs").writeFileSync("../pid", String(process.pid)); setTimeout(() => {}, 20000)'],
        cwd: 'src',
        category: 'tests',
      },
    ],
    weights: { own: 0.1 },
  },
};

describe('validation pipeline', () => {
  let planted: PlantedRepository;
  let temporary: ReturnType<typeof createTemporaryFolder>;
  beforeEach(async () => {
    temporary = createTemporaryFolder();
    const files = {
      'pipescope.json': JSON.stringify(config),
      'src/a.ts': 'export const a = 1;\n',
      '.gitignore': 'pid\n',
    };
    planted = await plant(files, { git: true });
  });
  afterEach(() => {
    planted.dispose();
    temporary.done();
  });
  const cache = (): string => join(temporary.path, 'cache');

  it('reports a ready workspace with its commit and the versions of its tools', async () => {
    const { code, stdout, stderr, validation } = await run(planted.root, ['--profile', 'good', '--cache', cache()]);
    assert.deepEqual([code, stdout], [0, '']);
    assert.match(stderr, /^ready, score 100, 1 check in \d+ ms\n$/);
    assert.ok(validation);
    assert.deepEqual([validation.verdict, validation.runVerdict, validation.reasons], ['ready', 'pass', []]);
    assert.deepEqual(validation.git, { commit: planted.git('rev-parse', 'HEAD').trim(), branch: 'main' });
    assert.deepEqual(validation.tools, { node: process.version });
    assert.deepEqual([validation.evaluated, validation.categoriesTotal, validation.score], [1, 7, 100]);
    assert.ok(validation.durationNs > validation.checksNs && validation.parallelEfficiency < 1);
  });

  it('reports problems with their locations', async () => {
    const { code, validation } = await run(planted.root, ['--profile', 'mixed']);
    assert.equal(code, 0, 'the pipeline itself succeeds');
    assert.ok(validation);
    assert.deepEqual([validation.verdict, validation.runVerdict], ['not_ready', 'fail']);
    assert.deepEqual(
      validation.checks.map(({ id, status }) => `${id} ${status}`),
      ['PASSES pass', 'WARNS warn', 'FAILS fail', 'AFTER skip'],
    );
    assert.deepEqual(validation.checks[2]?.findings, [{ file: 'src/a.ts', line: 3, message: 'bad' }]);
    assert.equal(validation.evidenceBytes, 'src/a.ts:3: bad\n'.length);
    assert.deepEqual(validation.reasons, ['FAILS failed: node exited with code 2, with 1 finding.']);
    const weights = validation.categories.map(({ id, letter, score }) => [id, letter, score]);
    assert.deepEqual(weights, [
      ['build', 'D', 100],
      ['tests', 'E', 98],
      ['own', undefined, 0],
    ]);
  });

  it('judges files that Git does not track, and reports how many files it does not judge', async () => {
    const secret = syntheticSecrets.find(({ line }) => line === undefined)?.secret ?? assert.fail();
    const files = { '.gitignore': 'ignored.ts\n', 'a.ts': 'export const a = 1;\n', 'logo.png': new Uint8Array([1, 0]) };
    const tracked = await plant(files, { git: true });
    try {
      const args = ['--profile', 'dev', '--budget', 'off', '--category', 'safety'];
      assert.equal((await run(tracked.root, args)).validation?.verdict, 'ready');
      tracked.put('ignored.ts', `const token = '${secret}';\n`);
      assert.equal((await run(tracked.root, args)).validation?.verdict, 'ready', 'an ignored file does not count');
      tracked.put('new.ts', `const token = '${secret}';\n`);
      const { validation } = await run(tracked.root, args);
      assert.equal(validation?.verdict, 'not_ready');
      assert.match(validation.reasons[0] ?? '', /^SAF_SECRETS failed/);
      const { judged, untracked, binary, ignored } = validation.coverage ?? assert.fail();
      assert.deepEqual({ judged, untracked, binary, ignored }, { judged: 3, untracked: 1, binary: 1, ignored: 1 });
      tracked.put('new.ts', 'export const b = ;\n');
      const build = await run(tracked.root, ['--profile', 'dev', '--budget', 'off', '--category', 'build']);
      assert.match(build.validation?.reasons[0] ?? '', /^BLD_SYNTAX failed: .*new\.ts/);
    } finally {
      tracked.dispose();
    }
  });

  it('fails for a required check that is not defined', async () => {
    const { validation } = await run(planted.root, ['--profile', 'unknown']);
    assert.equal(validation?.verdict, 'not_ready');
    assert.deepEqual(validation.checks[0]?.message, 'Required check NO_SUCH is not defined');
  });

  it('is incomplete if a fatal check lacks its tool or time', async () => {
    const missing = await run(planted.root, ['--profile', 'missing']);
    assert.deepEqual([missing.validation?.verdict, missing.validation?.score], ['incomplete', 100]);
    assert.match(missing.validation?.reasons[0] ?? '', /^NO_TOOL did not run \(a tool is missing\)/);
    const late = await run(planted.root, ['--profile', 'late']);
    assert.deepEqual([late.validation?.verdict, late.validation?.score], ['incomplete', 100]);
    assert.match(late.validation?.reasons[0] ?? '', /^SLEEPS did not run \(not enough time\)/);
    assert.ok(!isRunning(planted.root), 'no process is left');
  });

  it('rejects invalid options and configuration with a message and exit code 2', async () => {
    const invalid: readonly [readonly string[], RegExp][] = [
      [['--profile', 'nope'], /^Unknown profile nope\. Available profiles: dev, ci, enterprise, good, .*\n$/],
      [['--parallel', '0'], /^--parallel must be auto, serial or a number/],
      [['--budget', 'soon'], /^--budget must be a number of milliseconds or off/],
      [['--nonsense'], /^Unknown option '--nonsense'/],
    ];
    for (const [args, message] of invalid) {
      const { code, stderr, validation } = await run(planted.root, args);
      assert.equal(code, 2, stderr);
      assert.match(stderr, message);
      assert.equal(validation, undefined);
    }
    planted.put('pipescope.json', '{"validation": {"checks": 7}}');
    const invalidConfig = await run(planted.root);
    assert.equal(invalidConfig.code, 2);
    assert.match(invalidConfig.stderr, /^Invalid "validation" in pipescope\.json\./);
  });

  for (const [how, end] of [
    ['by a signal', (child: { kill(name: NodeJS.Signals): unknown }) => child.kill('SIGTERM')],
    ['by the host', (child: { send?(message: object): unknown }) => child.send?.({ type: 'stop' })],
  ] as const) {
    it(`ends with all its programs within a second and writes no results when it is stopped ${how}`, async () => {
      let stoppedAt = 0;
      const pid = join(planted.root, 'pid');
      const result = await run(planted.root, ['--profile', 'slow', '--out', join(temporary.path, 'out')], (child) => {
        void until(() => existsSync(pid) && isRunning(planted.root)).then(() => {
          stoppedAt = performance.now();
          end(child as never);
        });
      });
      assert.ok(stoppedAt > 0 && performance.now() - stoppedAt < 1000, `${performance.now() - stoppedAt} ms`);
      assert.ok(!isRunning(planted.root));
      assert.equal(result.validation, undefined);
      assert.ok(!existsSync(join(temporary.path, 'out')));
    });
  }

  it('reports checks, categories and spans to the profiler', async () => {
    const { batches, validation } = await run(planted.root, [
      '--profile',
      'mixed',
      '--out',
      join(temporary.path, 'out'),
    ]);
    const defined = batches.flatMap(({ definitions = [] }) => definitions);
    const nameOf = (id: number): string => defined.find((definition) => definition.id === id)?.name ?? '';
    const checks = defined.filter(({ kind }) => kind === 'check');
    assert.deepEqual(
      checks.map(({ component, name }) => `${component} ${name}`).sort(),
      ['build PASSES', 'own FAILS', 'tests WARNS'],
      'AFTER did not run',
    );
    const spans = batches.flatMap((batch) => batch.spans ?? []);
    const named = (name: string) => spans.filter(({ id }) => nameOf(id) === name);
    assert.deepEqual(named('dod.validation')[0]?.attributes, { profile: 'mixed' });
    assert.deepEqual(
      named('dod.check.execute')
        .map(({ attributes }) => attributes?.['check_id'])
        .sort(),
      [...['FAILS', 'PASSES', 'WARNS']],
    );
    assert.deepEqual(named('dod.evidence.collect').length, 4);
    assert.ok(named('dod.report.generate').every(({ attributes }) => attributes?.['format']));
    assert.equal(named('dod.receipt.generate').length, 1);
    const errors = batches.flatMap(({ operations = [] }) =>
      operations.flatMap(({ id, errorTypes = {} }) => Object.keys(errorTypes).map((type) => `${nameOf(id)} ${type}`)),
    );
    assert.deepEqual(errors.sort(), [...['FAILS check_failed', 'WARNS check_warned', 'dod.validation check_failed']]);
    const counters = batches.flatMap((batch) => batch.counters ?? []);
    const total = (name: string): number =>
      counters.filter((counter) => counter.name === name).reduce((sum, { delta }) => sum + delta, 0);
    const names = ['checks', 'passed', 'warned', 'failed', 'skipped', 'not_ready'];
    assert.deepEqual(names.map(total), [4, 1, 1, 1, 1, 1]);
    const { checks: states = [], ...state } = batches.findLast((batch) => batch.validation)?.validation ?? {};
    assert.deepEqual(state, {
      ...{ passed: 1, failed: 1, warned: 1, skipped: 1 },
      outcome: { verdict: 'not_ready', score: validation?.score },
    });
    assert.deepEqual(
      states.map(({ category, id, status }) => `${category} ${id} ${status}`).sort(),
      ['build PASSES pass', 'own FAILS fail', 'tests WARNS warn'],
      'AFTER was not executed',
    );
    const gauges = batches.flatMap((batch) => batch.gauges ?? []).map(({ name, value, unit }) => [name, value, unit]);
    assert.deepEqual(
      gauges.find(([name]) => name === 'evidence_bytes'),
      ['evidence_bytes', 'src/a.ts:3: bad\n'.length, 'bytes'],
    );
  });

  it('suggests timeouts from the durations of previous runs', async () => {
    for (let times = 0; times < 4; times++) await run(planted.root, ['--profile', 'good', '--cache', cache()]);
    const { validation } = await run(planted.root, ['--profile', 'good', '--cache', cache()]);
    const [{ id, timeoutMs, runs } = assert.fail(), ...more] = validation?.suggestions ?? [];
    assert.deepEqual([id, runs, more], ['PASSES', 5, []]);
    assert.ok(timeoutMs >= 1000);
  });

  it('supports simultaneous runs on the same workspace, cache and output folder', async () => {
    const out = join(temporary.path, 'out');
    const args = ['--profile', 'mixed', '--cache', cache(), '--out', out];
    const before = planted.git('status', '--porcelain');
    const starts: number[] = [];
    const ends: number[] = [];
    const all = await Promise.all(
      [0, 1, 2].map(async () => {
        starts.push(performance.now());
        const result = await run(planted.root, args);
        ends.push(performance.now());
        return result;
      }),
    );
    assert.ok(Math.max(...starts) < Math.min(...ends), 'they ran at the same time');
    const hashes = all.map(({ validation }) => validation?.checks.map(({ hash }) => hash).join());
    assert.ok(hashes[0] && new Set(hashes).size === 1, 'all runs have the same results');
    assert.equal(planted.git('status', '--porcelain'), before);
    JSON.parse(readFileSync(join(cache(), 'memory.json'), 'utf8'));
    assert.ok(
      readdirSync(cache()).every((name) => ['memory.json', 'facts'].includes(name)),
      'no temporary files remain',
    );
    const { verifyBundleAt } = await import('../../../src/pipelines/validation/bundle/verify-bundle.ts');
    assert.deepEqual((await verifyBundleAt(out)).faults, []);
    assert.ok(statSync(join(out, 'receipt.json')).size > 0);
    assert.deepEqual(readdirSync(temporary.path).sort(), ['cache', 'out']);
  });
});

/** Returns whether the program that wrote its process id to `pid` is running. */
function isRunning(root: string): boolean {
  const pid = Number(readFileSync(join(root, 'pid'), 'utf8'));
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
