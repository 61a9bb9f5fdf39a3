/** Kills a host with SIGKILL, so that it can end nothing itself. Its programs and pipelines must end soon afterwards. */
import { strict as assert } from 'node:assert';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildCommandLaunch } from '../../src/node/run/launch-spec.ts';
import { isAlive } from '../../src/process/process-tree.ts';
import { builtCli } from '../fixtures/command.ts';
import { createTemporaryFolder } from '../fixtures/pipeline.ts';
import { createTag, findTagged, killTagged, readArguments } from '../fixtures/tagged-processes.ts';
import { until } from '../fixtures/wait.ts';

const root = resolve(import.meta.dirname, '../..');
/** The product promises two seconds. The machine may be several times slower than usual. */
const maxSurvivalMs = 6000;
const watchdogStartMs = 250;

interface Host {
  readonly what: string;
  readonly start: (workspace: string, stuck: string) => ChildProcess;
  /** Returns the process to kill; the host by default. */
  readonly victim?: (host: ChildProcess, tag: string) => number;
}

function startCommand(...args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [builtCli(), ...args], { stdio: 'ignore' });
}

/** Starts a host that runs a program as the editor does: through a keeper. */
function startEditorHost(workspace: string, stuck: string): ChildProcess {
  const launch = buildCommandLaunch(['sh', stuck], { workspace, stdio: 'pipe' });
  const options = { dist: join(root, 'dist'), data: join(workspace, 'data'), survivesHost: true };
  const program = `
    import { Session } from ${JSON.stringify(join(root, 'src/node/session.ts'))};
    const session = new Session({ ...${JSON.stringify(options)}, log() {} });
    await session.launch(${JSON.stringify(launch)});`;
  return spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'ignore' });
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

const hosts: readonly Host[] = [
  {
    what: 'a command that runs a program',
    start: (workspace, stuck) =>
      startCommand('run', '--workspace', workspace, '--data', join(workspace, 'data'), '--', 'sh', stuck),
  },
  {
    what: 'a command that measures a program',
    start: (workspace, stuck) =>
      startCommand('bench', '--workspace', workspace, '--data', join(workspace, 'data'), '--', 'sh', stuck),
  },
  {
    what: 'a command that prepares a run',
    start: (workspace, stuck) =>
      startCommand(
        'bench',
        '--workspace',
        workspace,
        '--data',
        join(workspace, 'data'),
        '--prepare',
        `sh ${stuck}`,
        '--',
        'true',
      ),
  },
  {
    what: 'a command that validates a workspace',
    start: (workspace) =>
      startCommand(
        'run',
        'validation',
        '--profile',
        'stuck',
        '--workspace',
        workspace,
        '--data',
        join(workspace, 'data'),
      ),
  },
  {
    what: 'a validation',
    start: (workspace) =>
      startCommand(
        'run',
        'validation',
        '--profile',
        'stuck',
        '--workspace',
        workspace,
        '--data',
        join(workspace, 'data'),
      ),
    victim: (_, tag) => {
      const check = findTagged(tag).find((pid) => readArguments(parentOf(pid)).includes('validation.js'));
      return parentOf(check ?? assert.fail('the check is no child of the validation'));
    },
  },
  { what: 'an editor that runs a program', start: startEditorHost },
];

describe('a host that is killed', function () {
  this.timeout(60_000);
  let temporary: ReturnType<typeof createTemporaryFolder>;
  before(function () {
    if (process.platform !== 'linux') this.skip();
    temporary = createTemporaryFolder();
  });
  after(() => temporary?.done());

  for (const [index, { what, start, victim }] of hosts.entries()) {
    it(`takes its processes along if it is ${what}`, async () => {
      const tag = createTag();
      const workspace = join(temporary.path, String(index));
      mkdirSync(workspace);
      const stuck = join(workspace, 'stuck.sh');
      writeFileSync(stuck, `trap '' TERM\n(env -i setsid sleep 3600 ${tag} &)\nexec sleep 3600 ${tag}\n`);
      const checks = [{ id: 'STUCK', command: 'sh', args: [stuck], category: 'build' }];
      const validation = { profiles: { stuck: { checks: ['STUCK'], budgetMs: 60_000 } }, checks };
      writeFileSync(join(workspace, 'pipescope.json'), JSON.stringify({ validation }));
      const bystander = spawn('sleep', ['3601'], { detached: true, stdio: 'ignore' });
      const host = start(workspace, stuck);
      try {
        await until(() => findTagged(tag).length === 2);
        // The watchdog starts right after the program; nothing can protect a program whose host is killed in between.
        await sleep(watchdogStartMs);
        process.kill(victim?.(host, tag) ?? (host.pid as number), 'SIGKILL');
        const killedMs = performance.now();
        await once(host, 'exit');
        await until(() => findTagged(tag).length === 0);
        const survivedMs = performance.now() - killedMs;
        assert.ok(survivedMs < maxSurvivalMs, `a process survived its host by ${survivedMs} ms`);
        assert.ok(isAlive(bystander.pid as number), 'another process was killed');
      } finally {
        bystander.kill('SIGKILL');
        host.kill('SIGKILL');
        killTagged(tag);
      }
    });
  }
});
