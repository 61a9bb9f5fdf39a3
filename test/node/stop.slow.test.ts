/** Stops programs whose processes hide in many ways, run by a keeper and directly, and looks for survivors in /proc. */
import { strict as assert } from 'node:assert';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { buildCommandLaunch } from '../../src/node/run/launch-spec.ts';
import { Session } from '../../src/node/session.ts';
import { isAlive } from '../../src/process/process-tree.ts';
import { debianPython } from '../fixtures/guest-tools.ts';
import { createTemporaryFolder } from '../fixtures/pipeline.ts';
import { createTag, findTagged, killTagged, readArguments } from '../fixtures/tagged-processes.ts';
import { until } from '../fixtures/wait.ts';

const dist = resolve(import.meta.dirname, '../../dist');

interface Tree {
  readonly what: string;
  /** Number of processes that show the tag. 1 by default. */
  readonly processes?: number;
  /** Returns the arguments of a program. `sleep` is a command that sleeps for an hour and shows the tag. */
  readonly argv: (sleep: string, tag: string) => [string, ...string[]];
}

const shell = (script: (sleep: string) => string): Tree['argv'] => {
  return (sleep) => ['bash', '-c', `${script(sleep)}\n:`];
};
const python = (script: string): Tree['argv'] => {
  return (_, tag) => [
    debianPython,
    '-c',
    `import os, signal, subprocess, sys, threading, time\nT = '${tag}'\n${script}`,
    tag,
  ];
};
const node = (script: string): Tree['argv'] => {
  return (_, tag) => [
    'node',
    '-e',
    `const tag = '${tag}';\nconst { spawn, fork } = require('node:child_process');\n${script}`,
    tag,
  ];
};

/** Becomes a daemon as textbooks describe it, without an environment and without an open file. */
const daemonize = `
if os.fork() == 0:
  os.setsid()
  if os.fork() == 0:
    os.chdir('/'); os.umask(0); os.closerange(0, 256)
    os.execve('/bin/sleep', ['sleep', '3600', T], {})
  os._exit(0)
os.wait()
time.sleep(3600)`;

/** Starts a successor in a new session and exits, again and again. It shows the tag only once it ignores SIGTERM. */
const hop: Tree['argv'] = (_, tag) => {
  const script = `import os, time
while True:
  if os.fork(): os._exit(0)
  os.setsid()
  time.sleep(0.01)`;
  const start = `import os, signal, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.execve(sys.executable, [sys.executable, '-c', '''${script}''', '${tag.slice(0, 3)}' + '${tag.slice(3)}'], {})`;
  return [debianPython, '-I', '-c', start];
};

const trees: readonly Tree[] = [
  { what: 'a child', argv: shell((sleep) => sleep) },
  { what: 'a grandchild', argv: shell((sleep) => `bash -c "${sleep}; :"`), processes: 2 },
  { what: 'jobs in the background', argv: shell((sleep) => `${sleep} & ${sleep} & ${sleep}`), processes: 3 },
  { what: 'a job in another group', argv: shell((sleep) => `set -m; ${sleep} & ${sleep}`), processes: 2 },
  { what: 'a process in another session', argv: shell((sleep) => `setsid ${sleep} & ${sleep}`), processes: 2 },
  { what: 'a re-parented process', argv: shell((sleep) => `(${sleep} &); ${sleep}`), processes: 2 },
  {
    what: 'a re-parented process in another session',
    argv: shell((sleep) => `(setsid ${sleep} &); ${sleep}`),
    processes: 2,
  },
  { what: 'a process that ignores SIGHUP', argv: shell((sleep) => `nohup ${sleep} & ${sleep}`), processes: 2 },
  { what: 'processes that ignore SIGTERM', argv: shell((sleep) => `trap '' TERM; ${sleep} & ${sleep}`), processes: 2 },
  {
    what: 'a program that exits at once on SIGTERM and leaves a process that ignores it',
    argv: shell((sleep) => `(trap '' TERM; exec setsid ${sleep}) & exec sleep 3599`),
  },
  { what: 'a process without an environment', argv: shell((sleep) => `env -i ${sleep} & ${sleep}`), processes: 2 },
  {
    what: 'a re-parented process in another session, without an environment and without output',
    argv: shell((sleep) => `(env -i setsid ${sleep} </dev/null >/dev/null 2>&1 &); ${sleep}`),
    processes: 2,
  },
  { what: 'a textbook daemon', argv: python(daemonize), processes: 2 },
  {
    what: 'a daemon that is started on SIGTERM',
    argv: shell((sleep) => `trap '(env -i setsid ${sleep} </dev/null >/dev/null 2>&1 &); exit' TERM; ${sleep} & wait`),
  },
  { what: 'a program that replaces itself', argv: shell((sleep) => `exec bash -c "exec ${sleep}"`) },
  { what: 'a stopped process', argv: shell((sleep) => `${sleep} & kill -STOP $!; ${sleep}`), processes: 2 },
  { what: 'a zombie', argv: python('if os.fork() == 0: os._exit(0)\ntime.sleep(3600)') },
  {
    what: 'a process started by a thread',
    argv: python("threading.Thread(target=lambda: subprocess.run(['sleep', '3600', T])).start()\ntime.sleep(3600)"),
    processes: 2,
  },
  {
    what: 'workers of Python’s multiprocessing',
    argv: python(`import multiprocessing
context = multiprocessing.get_context('fork')
for _ in range(3): context.Process(target=time.sleep, args=(3600,)).start()
time.sleep(3600)`),
    processes: 4,
  },
  {
    what: 'workers of Node’s cluster',
    argv: node(`const cluster = require('node:cluster');
      if (cluster.isPrimary) for (let index = 0; index < 2; index++) cluster.fork();
      setInterval(() => {}, 1000);`),
    processes: 3,
  },
  {
    what: 'a detached child of a worker thread',
    argv: node(`new (require('node:worker_threads').Worker)(\`
        require('node:child_process').spawn('sleep', ['3600', '\${tag}'], { detached: true, stdio: 'ignore', env: {} }).unref();
      \`, { eval: true });
      setInterval(() => {}, 1000);`),
    processes: 2,
  },
  { what: 'a process that outlives its parent', argv: (sleep) => ['bash', '-c', `${sleep} &`] },
  { what: 'processes connected by a pipe', argv: shell((sleep) => `${sleep} | ${sleep}`), processes: 2 },
  { what: 'a process that replaces itself by a child in a new session again and again', argv: hop },
];

const modes = [
  { mode: 'through a keeper', survivesHost: true },
  { mode: 'directly', survivesHost: false },
] as const;

for (const { mode, survivesHost } of modes) {
  describe(`Stop of a program run ${mode}`, function () {
    this.timeout(60_000);
    let temporary: ReturnType<typeof createTemporaryFolder>;
    let bystander: ChildProcess;
    before(async function () {
      if (process.platform !== 'linux') this.skip();
      temporary = createTemporaryFolder();
      bystander = spawn('sleep', ['3601'], { detached: true, stdio: 'ignore' });
      await once(bystander, 'spawn');
    });
    after(() => {
      bystander.kill('SIGKILL');
      temporary.done();
    });

    for (const [index, { what, argv, processes = 1 }] of trees.entries()) {
      it(`ends ${what}`, async () => {
        const tag = createTag();
        const session = new Session({
          dist,
          data: join(temporary.path, String(index)),
          survivesHost,
          log: () => undefined,
        });
        const launch = buildCommandLaunch(argv(`sleep 3600 ${tag}`, tag), { workspace: temporary.path, stdio: 'pipe' });
        const running = session.launch(launch, { samplingNs: 0 });
        try {
          await until(() => findTagged(tag).length >= processes && session.phase === 'running');
          const startMs = performance.now();
          await session.stop();
          const stopMs = performance.now() - startMs;
          assert.deepEqual(findTagged(tag).map(readArguments), []);
          assert.ok(stopMs < 10_000, `${stopMs} ms`);
          await running;
          assert.ok(isAlive(bystander.pid as number), 'another process was killed');
        } finally {
          killTagged(tag);
          await session.stop();
        }
      });
    }
  });
}

describe('a program that is still starting', function () {
  this.timeout(60_000);
  let temporary: ReturnType<typeof createTemporaryFolder>;
  before(() => {
    temporary = createTemporaryFolder();
  });
  after(() => temporary.done());

  const launchSleep = (session: Session, name: string) =>
    session.launch(
      buildCommandLaunch([process.execPath, '-e', 'setInterval(() => {}, 1000)'], {
        workspace: temporary.path,
        stdio: 'pipe',
        name,
      }),
    );

  it('receives the signals that arrive meanwhile', async () => {
    const session = new Session({ dist, data: temporary.path, log: () => undefined });
    const running = launchSleep(session, 'first');
    assert.equal(session.phase, 'starting');
    session.forwardSignal('SIGTERM');
    const { run } = await running;
    assert.deepEqual([run.result, run.signal], ['error', 'SIGTERM']);
  });

  it('is named if another one is to be started', async () => {
    const session = new Session({ dist, data: temporary.path, log: () => undefined });
    const first = launchSleep(session, 'first');
    await session.stop();
    await first;
    const second = launchSleep(session, 'second');
    await assert.rejects(launchSleep(session, 'third'), /^HumanError: second is already running/);
    await session.stop();
    assert.equal((await second).run.result, 'cancellation');
  });
});
