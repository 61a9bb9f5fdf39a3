/** Interrupts the command in each of its phases. It must end, and so must everything that it has started. */
import { strict as assert } from 'node:assert';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { builtCli } from '../../fixtures/command.ts';
import { createTemporaryFolder } from '../../fixtures/pipeline.ts';
import { createTag, findTagged, killTagged, readArguments } from '../../fixtures/tagged-processes.ts';
import { until } from '../../fixtures/wait.ts';

interface Phase {
  readonly what: string;
  /** Returns the arguments. `stuck` is a program that never ends and has a daemon. Both show the tag. */
  readonly args: (stuck: string) => readonly string[];
  /** Prepares the workspace. */
  readonly plant?: (workspace: string, stuck: string) => void;
}

const short = ['--warmup', '0', '--runs', '2'];

function addProgram(file: string, script: string): void {
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
}

const phases: readonly Phase[] = [
  { what: 'a program', args: (stuck) => ['run', '--', 'sh', stuck] },
  { what: 'the preparation of a run', args: (stuck) => ['bench', ...short, '--prepare', `sh ${stuck}`, '--', 'true'] },
  {
    what: 'the installation of another commit',
    args: (stuck) => ['bench', ...short, '--against', 'HEAD', '--install', `sh ${stuck}`, '--', 'true'],
  },
  {
    what: 'the checkout of another commit',
    args: () => ['bench', ...short, '--against', 'HEAD', '--', 'true'],
    plant: (workspace, stuck) => addProgram(join(workspace, '.git/hooks/post-checkout'), `exec sh ${stuck}`),
  },
  { what: 'a measured run', args: (stuck) => ['bench', ...short, '--', 'sh', stuck] },
  { what: 'a run without the probe', args: (stuck) => ['overhead', ...short, '--', 'sh', stuck] },
  {
    what: 'a check of a validation',
    args: () => ['run', 'validation', '--profile', 'stuck'],
    plant: (workspace, stuck) => {
      const checks = [{ id: 'STUCK', command: 'sh', args: [stuck], category: 'build' }];
      const validation = { profiles: { stuck: { checks: ['STUCK'], budgetMs: 60_000 } }, checks };
      writeFileSync(join(workspace, 'pipescope.json'), JSON.stringify({ validation }));
    },
  },
  {
    what: 'a slow query of git',
    args: () => ['bench', ...short, '--', 'true'],
    plant: (workspace, stuck) => addProgram(join(workspace, 'bin/git'), `sh ${stuck}`),
  },
];

describe('an interrupted command', function () {
  this.timeout(60_000);
  let temporary: ReturnType<typeof createTemporaryFolder>;
  before(function () {
    if (process.platform !== 'linux') this.skip();
    temporary = createTemporaryFolder();
  });
  after(() => temporary?.done());

  for (const [index, { what, args, plant }] of phases.entries()) {
    // The phases are the same for each signal, so they take turns.
    const signal = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const)[index % 3] as NodeJS.Signals;
    it(`ends on ${signal} during ${what} and leaves no process behind`, async () => {
      const tag = createTag();
      const workspace = join(temporary.path, String(index));
      mkdirSync(join(workspace, 'bin'), { recursive: true });
      const git = (...words: string[]) => execFileSync('git', words, { cwd: workspace, stdio: 'ignore' });
      git('init', '-q');
      git('-c', 'user.name=a', '-c', 'user.email=a@b.c', 'commit', '-q', '--allow-empty', '-m', 'one');
      const stuck = join(workspace, 'stuck.sh');
      // A program without the profiler's descendants survives the signal that ends only itself.
      const daemon = args('')[0] === 'run' && args('').includes('--') ? '' : `(setsid sleep 3600 ${tag} &)\n`;
      writeFileSync(stuck, `${daemon}exec sleep 3600 ${tag}\n`);
      plant?.(workspace, stuck);
      const env = { ...process.env, PATH: `${join(workspace, 'bin')}${delimiter}${process.env['PATH']}` };
      const options = ['--workspace', workspace, '--data', join(temporary.path, `data-${index}`)];
      const [name = '', ...rest] = args(stuck);
      const command = spawn(process.execPath, [builtCli(), name, ...options, ...rest], {
        cwd: workspace,
        env,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let stderr = '';
      command.stderr.on('data', (text) => (stderr += text));
      try {
        await until(() => findTagged(tag).length >= (daemon === '' ? 1 : 2));
        command.kill(signal);
        const closed = once(command, 'close');
        await Promise.race([closed, once(AbortSignal.timeout(20_000), 'abort')]);
        assert.notEqual(command.exitCode ?? command.signalCode, null, `it still runs: ${stderr}`);
        assert.deepEqual(findTagged(tag).map(readArguments), []);
        assert.notEqual(command.exitCode, 0);
        assert.doesNotMatch(stderr, /^ {4}at /m);
      } finally {
        command.kill('SIGKILL');
        killTagged(tag);
      }
    });
  }
});
