/** Runs the CI workflow of the documentation exactly as it is documented. */
import { strict as assert } from 'node:assert';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { parse } from 'yaml';
import { builtCli } from './fixtures/command.ts';
import { createTemporaryFolder } from './fixtures/pipeline.ts';

const root = join(import.meta.dirname, '..');

interface Workflow {
  readonly jobs: Readonly<Record<string, { readonly steps: readonly { readonly run?: string }[] }>>;
}

/** Returns a program that only waits, so that machine load hardly matters. */
const waitingProgram = (ms: number): string => `setTimeout(() => undefined, ${ms});\n`;

describe('the workflow of docs/CI.md', function () {
  this.timeout(240_000);
  const temporary = createTemporaryFolder();
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
    // A fake npx that runs this build, because the package is not installed in the repository.
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
    writeFileSync(join(repository, 'import.js'), waitingProgram(60));
    git('init', '-q', '-b', 'main');
    git('add', '-A');
    git('commit', '-qm', 'one');
    git('checkout', '-qb', 'change');
    writeFileSync(join(repository, 'import.js'), waitingProgram(400));
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

  it('has exactly the steps that this test runs', () => {
    assert.deepEqual(
      steps.map((step) => step.split(' ').slice(0, 3).join(' ')),
      ['npm ci', 'npx pipescope bench', 'npx pipescope bench'],
    );
  });

  it('reports a slower pull request in annotations and in the job summary', () => {
    const installed = run(steps[0] as string);
    assert.equal(installed.status, 0, installed.stderr);
    const { status, stdout, stderr } = run(steps[1] as string);
    assert.equal(status, 1, stderr);
    assert.match(stdout, /^::error title=Pipescope::run: wall time \+[\d.]+ %25/m);
    assert.match(readFileSync(summary, 'utf8'), /\| run: wall time \|.*\| regressed \|/);
    assert.equal(git('worktree', 'list').trim().split('\n').length, 1, 'the worktree was not removed');
  });

  it('saves a report that later runs can be compared with', () => {
    const { status, stderr } = run(steps[2] as string);
    assert.equal(status, 0, stderr);
    const saved = JSON.parse(readFileSync(join(repository, 'benchmark.json'), 'utf8'));
    assert.equal(saved.report.cases[0].samplesNs.length, 10);
    assert.equal(saved.verdict, null);
    const { stdout } = run('npx pipescope bench --runs 10 --against benchmark.json --json -- node import.js');
    assert.ok(
      ['unchanged', 'inconclusive', 'improved', 'slower'].includes(JSON.parse(stdout).verdict),
      stdout.slice(0, 200),
    );
  });
});
