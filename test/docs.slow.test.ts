/** Runs what the documentation tells people to run in CI, as it stands there. */
import { strict as assert } from 'node:assert';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { parse } from 'yaml';
import { builtCli } from './fixtures/command.ts';
import { folder } from './fixtures/pipeline.ts';

const root = join(import.meta.dirname, '..');

interface Workflow {
  readonly jobs: Readonly<Record<string, { readonly steps: readonly { readonly run?: string }[] }>>;
}

/** Waits, so that how busy this machine is decides little. */
const program = (ms: number): string => `setTimeout(() => undefined, ${ms});\n`;

describe('the workflow of docs/CI.md', function () {
  this.timeout(240_000);
  const temporary = folder();
  const repository = join(temporary.path, 'repository');
  const bin = join(temporary.path, 'bin');
  const [, source = ''] = /```yaml\n([\s\S]*?)```/.exec(readFileSync(join(root, 'docs/CI.md'), 'utf8')) ?? [];
  const workflow = parse(source) as Workflow;
  const steps = Object.values(workflow.jobs).flatMap((job) => job.steps.flatMap(({ run }) => run ?? []));
  after(() => temporary.done());

  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', ...args], {
      cwd: repository,
      encoding: 'utf8',
    });

  before(() => {
    mkdirSync(repository);
    mkdirSync(bin);
    // The package is not installed into the repository: npx finds this build instead.
    const npx = join(bin, 'npx');
    writeFileSync(
      npx,
      `#!/bin/sh\n[ "$1" = pipescope ] && shift && exec "${process.execPath}" "${builtCli()}" "$@"\nexit 9\n`,
    );
    chmodSync(npx, 0o755);
    writeFileSync(join(repository, 'package.json'), '{"name":"r","version":"1.0.0","private":true}\n');
    const lock = {
      name: 'r',
      version: '1.0.0',
      lockfileVersion: 3,
      requires: true,
      packages: { '': { name: 'r', version: '1.0.0' } },
    };
    writeFileSync(join(repository, 'package-lock.json'), JSON.stringify(lock));
    writeFileSync(join(repository, 'import.js'), program(60));
    git('init', '-q', '-b', 'main');
    git('add', '-A');
    git('commit', '-qm', 'one');
    git('checkout', '-qb', 'change');
    writeFileSync(join(repository, 'import.js'), program(400));
    git('commit', '-qam', 'slow it down');
  });

  const summary = join(temporary.path, 'summary.md');
  const run = (step: string) =>
    spawnSync('bash', ['-e', '-c', step], {
      cwd: repository,
      encoding: 'utf8',
      env: {
        ...process.env,
        PATH: [bin, join(process.execPath, '..'), process.env['PATH']].join(delimiter),
        GITHUB_STEP_SUMMARY: summary,
        XDG_STATE_HOME: join(temporary.path, 'state'),
        CI: 'true',
      },
    });

  it('has the steps that this test knows', () => {
    assert.deepEqual(
      steps.map((step) => step.split(' ').slice(0, 3).join(' ')),
      ['npm ci', 'npx pipescope bench', 'npx pipescope bench'],
    );
  });

  it('finds that the pull request made it slower, and says so in annotations and in the summary', () => {
    const installed = run(steps[0] as string);
    assert.equal(installed.status, 0, installed.stderr);
    const { status, stdout, stderr } = run(steps[1] as string);
    assert.equal(status, 1, stderr);
    assert.match(stdout, /^::error title=Pipescope::run: wall time \+[\d.]+ %25/m);
    assert.match(readFileSync(summary, 'utf8'), /\| run: wall time \|.*\| regressed \|/);
    assert.equal(git('worktree', 'list').trim().split('\n').length, 1, 'the worktree is left behind');
  });

  it('keeps numbers that can be compared with', () => {
    const { status, stderr } = run(steps[2] as string);
    assert.equal(status, 0, stderr);
    const kept = JSON.parse(readFileSync(join(repository, 'benchmark.json'), 'utf8'));
    assert.equal(kept.report.cases[0].samplesNs.length, 10);
    assert.equal(kept.verdict, null);
    const { stdout } = run('npx pipescope bench --runs 10 --against benchmark.json --json -- node import.js');
    assert.ok(
      ['unchanged', 'inconclusive', 'improved', 'slower'].includes(JSON.parse(stdout).verdict),
      stdout.slice(0, 200),
    );
  });
});
