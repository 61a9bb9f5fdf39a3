import { strict as assert } from 'node:assert';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { folder } from '../../fixtures/pipeline.ts';
import { until } from '../../fixtures/wait.ts';
import { type Plant, plant } from './planted-repository.ts';
import { run } from './run-validation.ts';

/** Checks that are programs, since what they do is then the same on every machine. */
const own = {
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

describe('the validation pipeline', () => {
  let planted: Plant;
  let temporary: ReturnType<typeof folder>;
  beforeEach(async () => {
    temporary = folder();
    const files = { 'pipescope.json': JSON.stringify(own), 'src/a.ts': 'export const a = 1;\n', '.gitignore': 'pid\n' };
    planted = await plant(files, { git: true });
  });
  afterEach(() => {
    planted.dispose();
    temporary.done();
  });
  const cache = (): string => join(temporary.path, 'cache');

  it('says of a workspace that it is ready, with its commit and the versions of its tools', async () => {
    const { code, stdout, stderr, validation } = await run(planted.root, ['--profile', 'good', '--cache', cache()]);
    assert.deepEqual([code, stdout], [0, '']);
    assert.match(stderr, /^ready, score 100, 1 checks in \d+ ms\n$/);
    assert.ok(validation);
    assert.deepEqual([validation.verdict, validation.runVerdict, validation.reasons], ['ready', 'pass', []]);
    assert.deepEqual(validation.git, { commit: planted.git('rev-parse', 'HEAD').trim(), branch: 'main' });
    assert.deepEqual(validation.tools, { node: process.version });
    assert.deepEqual([validation.evaluated, validation.categoriesTotal, validation.score], [1, 7, 100]);
    assert.ok(validation.durationNs > validation.checksNs && validation.parallelEfficiency < 1);
  });

  it('says what is wrong, and where', async () => {
    const { code, validation } = await run(planted.root, ['--profile', 'mixed']);
    assert.equal(code, 0, 'the pipeline itself went well');
    assert.ok(validation);
    assert.deepEqual([validation.verdict, validation.runVerdict], ['not_ready', 'fail']);
    assert.deepEqual(
      validation.checks.map(({ id, status }) => `${id} ${status}`),
      ['PASSES pass', 'WARNS warn', 'FAILS fail', 'AFTER skip'],
    );
    assert.deepEqual(validation.checks[2]?.findings, [{ file: 'src/a.ts', line: 3, message: 'bad' }]);
    assert.equal(validation.evidenceBytes, 'src/a.ts:3: bad\n'.length);
    assert.deepEqual(validation.reasons, ['FAILS failed: node ended with exit code 2, with 1 finding.']);
    const weights = validation.categories.map(({ id, letter, score }) => [id, letter, score]);
    assert.deepEqual(weights, [
      ['build', 'D', 100],
      ['tests', 'E', 98],
      ['own', undefined, 0],
    ]);
  });

  it('fails for a required check that nobody wrote', async () => {
    const { validation } = await run(planted.root, ['--profile', 'unknown']);
    assert.equal(validation?.verdict, 'not_ready');
    assert.deepEqual(validation.checks[0]?.message, 'Required check NO_SUCH is not defined');
  });

  it('is incomplete, and never ready, where a fatal check lacks its tool or its time', async () => {
    const missing = await run(planted.root, ['--profile', 'missing']);
    assert.deepEqual([missing.validation?.verdict, missing.validation?.score], ['incomplete', 100]);
    assert.match(missing.validation?.reasons[0] ?? '', /^NO_TOOL could not be made, a tool is missing/);
    const late = await run(planted.root, ['--profile', 'late']);
    assert.deepEqual([late.validation?.verdict, late.validation?.score], ['incomplete', 100]);
    assert.match(late.validation?.reasons[0] ?? '', /^SLEEPS could not be made, there was no time for it/);
    assert.ok(!lives(planted.root), 'no process is left');
  });

  it('asks for a caller’s mistake in one sentence, with exit code 2', async () => {
    const wrong: readonly [readonly string[], RegExp][] = [
      [['--profile', 'nope'], /^There is no profile nope\. There are: dev, ci, enterprise, good, .*\n$/],
      [['--parallel', '0'], /^--parallel wants auto, serial or a number/],
      [['--budget', 'soon'], /^--budget wants milliseconds, or off/],
      [['--nonsense'], /^Unknown option '--nonsense'/],
    ];
    for (const [args, message] of wrong) {
      const { code, stderr, validation } = await run(planted.root, args);
      assert.equal(code, 2, stderr);
      assert.match(stderr, message);
      assert.equal(validation, undefined);
    }
    planted.put('pipescope.json', '{"validation": {"checks": 7}}');
    const unread = await run(planted.root);
    assert.equal(unread.code, 2);
    assert.match(unread.stderr, /^“validation” in pipescope\.json is not as it should be/);
  });

  for (const [how, end] of [
    ['by its signal', (child: { kill(name: NodeJS.Signals): unknown }) => child.kill('SIGTERM')],
    ['by the host', (child: { send?(message: object): unknown }) => child.send?.({ type: 'stop' })],
  ] as const) {
    it(`ends with all that it started within a second when it is stopped ${how}, and promises nothing`, async () => {
      let stoppedAt = 0;
      const pid = join(planted.root, 'pid');
      const ran = await run(planted.root, ['--profile', 'slow', '--out', join(temporary.path, 'out')], (child) => {
        void until(() => existsSync(pid) && lives(planted.root)).then(() => {
          stoppedAt = performance.now();
          end(child as never);
        });
      });
      assert.ok(stoppedAt > 0 && performance.now() - stoppedAt < 1000, `${performance.now() - stoppedAt} ms`);
      assert.ok(!lives(planted.root));
      assert.equal(ran.validation, undefined);
      assert.ok(!existsSync(join(temporary.path, 'out')));
    });
  }

  it('tells a profiler of each check, category and span while it runs', async () => {
    const { batches } = await run(planted.root, ['--profile', 'mixed', '--out', join(temporary.path, 'out')]);
    const defined = batches.flatMap(({ definitions = [] }) => definitions);
    const nameOf = (id: number): string => defined.find((one) => one.id === id)?.name ?? '';
    const checks = defined.filter(({ kind }) => kind === 'check');
    assert.deepEqual(
      checks.map(({ component, name }) => `${component} ${name}`).sort(),
      ['build PASSES', 'own FAILS', 'tests WARNS'],
      'AFTER was not made',
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
      counters.filter((one) => one.name === name).reduce((sum, { delta }) => sum + delta, 0);
    const names = ['checks', 'passed', 'warned', 'failed', 'skipped', 'not_ready'];
    assert.deepEqual(names.map(total), [4, 1, 1, 1, 1, 1]);
    const gauges = batches.flatMap((batch) => batch.gauges ?? []).map(({ name, value, unit }) => [name, value, unit]);
    assert.deepEqual(
      gauges.find(([name]) => name === 'evidence_bytes'),
      ['evidence_bytes', 'src/a.ts:3: bad\n'.length, 'bytes'],
    );
  });

  it('knows from its last runs how long a check takes', async () => {
    for (let times = 0; times < 4; times++) await run(planted.root, ['--profile', 'good', '--cache', cache()]);
    const { validation } = await run(planted.root, ['--profile', 'good', '--cache', cache()]);
    const [{ id, timeoutMs, runs } = assert.fail(), ...more] = validation?.suggestions ?? [];
    assert.deepEqual([id, runs, more], ['PASSES', 5, []]);
    assert.ok(timeoutMs >= 1000);
  });

  it('runs three times at once on the same workspace, cache and folder, and harms no file', async () => {
    const out = join(temporary.path, 'out');
    const args = ['--profile', 'mixed', '--cache', cache(), '--out', out];
    const before = planted.git('status', '--porcelain');
    const starts: number[] = [];
    const ends: number[] = [];
    const all = await Promise.all(
      [0, 1, 2].map(async () => {
        starts.push(performance.now());
        const ran = await run(planted.root, args);
        ends.push(performance.now());
        return ran;
      }),
    );
    assert.ok(Math.max(...starts) < Math.min(...ends), 'they ran at the same time');
    const hashes = all.map(({ validation }) => validation?.checks.map(({ hash }) => hash).join());
    assert.ok(hashes[0] && new Set(hashes).size === 1, 'each says the same');
    assert.equal(planted.git('status', '--porcelain'), before);
    JSON.parse(readFileSync(join(cache(), 'memory.json'), 'utf8'));
    assert.ok(
      readdirSync(cache()).every((name) => ['memory.json', 'facts'].includes(name)),
      'no draft is left',
    );
    const { verify } = await import('../../../src/pipelines/validation/bundle/verify-bundle.ts');
    assert.deepEqual((await verify(out)).faults, []);
    assert.ok(statSync(join(out, 'receipt.json')).size > 0);
    assert.deepEqual(readdirSync(temporary.path).sort(), ['cache', 'out']);
  });
});

/** Whether the program that wrote its number there is under way. */
function lives(root: string): boolean {
  const pid = Number(readFileSync(join(root, 'pid'), 'utf8'));
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
