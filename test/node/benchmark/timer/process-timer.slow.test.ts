/** Measures programs with known costs from outside, with each timer that this system can run. */
import { strict as assert } from 'node:assert';
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ProcessTimer } from '../../../../src/node/benchmark/timer/process-timer.ts';
import type { TimedRun } from '../../../../src/node/benchmark/timer/timer-messages.ts';
import { createTemporaryFolder } from '../../../fixtures/pipeline.ts';

const dist = join(import.meta.dirname, '../../../../dist');
const timers: readonly { readonly name: string; readonly isExact: boolean }[] = [
  { name: 'Python', isExact: true },
  { name: 'Node', isExact: false },
];

for (const { name, isExact } of timers) {
  describe(`the process timer in ${name}`, function () {
    this.timeout(60_000);
    let temporary: ReturnType<typeof createTemporaryFolder>;
    let timer: ProcessTimer;
    before(async function () {
      if (process.platform !== 'linux') this.skip();
      assert.ok(existsSync(join(dist, 'node-timer.js')), 'dist is missing: run npm run build first');
      temporary = createTemporaryFolder();
      symlinkSync(join(dist, 'node-timer.js'), join(temporary.path, 'node-timer.js'));
      timer = await ProcessTimer.start(isExact ? dist : temporary.path);
    });
    after(async () => {
      await timer?.close();
      temporary?.done();
    });

    const run = (argv: readonly string[], more: { env?: NodeJS.ProcessEnv; stderr?: string } = {}): Promise<TimedRun> =>
      timer.run({ argv, cwd: temporary.path, env: process.env, ...more });
    const node = (script: string): readonly string[] => [process.execPath, '-e', script];

    it('measures wall time, and CPU time of a process with its children', async () => {
      const busy =
        'const used = () => { const { user, system } = process.cpuUsage(); return user + system; }; while (used() < 200e3);';
      const argv = ['sh', '-c', '"$1" -e "$2"; "$1" -e "$2"', 'sh', process.execPath, busy];
      const { wallNs, userNs = 0, systemNs = 0, exitCode } = await run(argv);
      assert.equal(exitCode, 0);
      assert.ok(wallNs > 380e6, `${wallNs}`);
      assert.ok(userNs + systemNs > 370e6 && userNs + systemNs < 480e6, `${userNs} ${systemNs}`);
    });

    it('counts waiting as wall time only', async () => {
      const { wallNs, userNs = 0, systemNs = 0 } = await run(['sleep', '0.3']);
      assert.ok(wallNs >= 300e6 && wallNs < 3e9, `${wallNs}`);
      assert.ok(userNs + systemNs < 30e6, `${userNs} ${systemNs}`);
    });

    it('leaves out values that it cannot measure', async () => {
      const { userNs, systemNs, peakRssBytes } = await run(['true']);
      assert.equal(peakRssBytes, undefined);
      if (isExact) assert.ok(Number(userNs) + Number(systemNs) > 0 && Number(userNs) + Number(systemNs) < 20e6);
      else assert.deepEqual([userNs, systemNs], [undefined, undefined]);
      const large = await run(node('Buffer.alloc(150e6, 1)'));
      if (isExact)
        assert.ok(Number(large.peakRssBytes) > 150e6 && Number(large.peakRssBytes) < 300e6, `${large.peakRssBytes}`);
      else assert.equal(large.peakRssBytes, undefined);
    });

    it('reports exit codes and signals', async () => {
      const { exitCode } = await run(['sh', '-c', 'exit 7']);
      const killed = await run(['sh', '-c', 'kill -KILL $$']);
      assert.deepEqual([exitCode, killed.exitCode, killed.signal], [7, undefined, 'SIGKILL']);
    });

    it('starts a program with empty input, discarded output, default signals and only the given environment', async () => {
      const script = `const fs = require('fs');
        fs.writeFileSync('facts', JSON.stringify({
          input: fs.readFileSync(0, 'utf8'),
          output: [0, 1, 2].map((file) => fs.readlinkSync('/proc/self/fd/' + file)),
          ignored: /SigIgn:\\s+(\\w+)/.exec(fs.readFileSync('/proc/self/status', 'utf8'))[1],
          env: Object.keys(process.env),
          folder: process.cwd(),
        }))`;
      await run(['sh', '-c', `grep SigIgn /proc/self/status > ignored; exec "$@"`, 'sh', ...node(script)], {
        env: { PATH: process.env['PATH'], ONLY: 'é' },
      });
      const facts = JSON.parse(readFileSync(join(temporary.path, 'facts'), 'utf8'));
      assert.equal(facts.input, '');
      assert.deepEqual(facts.output, ['/dev/null', '/dev/null', '/dev/null']);
      assert.deepEqual(facts.env.filter((key: string) => !['PWD', 'SHLVL', '_', 'OLDPWD'].includes(key)).sort(), [
        'ONLY',
        'PATH',
      ]);
      const ignored = BigInt(`0x${readFileSync(join(temporary.path, 'ignored'), 'utf8').trim().split(/\s+/)[1]}`);
      // The C library ignores signals 32 and 33, which it uses itself, in every program that `posix_spawn` starts.
      assert.equal(ignored & 0x7fffffffn, 0n);
      assert.equal(facts.folder, temporary.path);
    });

    it('finds programs like a shell does', async () => {
      const script = join(temporary.path, 'no-interpreter-line');
      writeFileSync(script, 'exit 5\n', { mode: 0o755 });
      assert.equal((await run([script])).exitCode, 5);
      assert.equal((await run(['./no-interpreter-line'])).exitCode, 5);
      assert.equal((await run(['no-interpreter-line'], { env: { PATH: `/missing:${temporary.path}` } })).exitCode, 5);
    });

    const unstartable: readonly [string, readonly string[], RegExp][] = [
      ['a missing program', ['no-such-program'], /Program not found/],
      ['a folder', ['/tmp'], /is a folder/],
      ['a file that is not executable', ['./plain'], /not executable/],
    ];
    for (const [what, argv, message] of unstartable) {
      it(`explains that ${what} cannot be started, and continues`, async () => {
        writeFileSync(join(temporary.path, 'plain'), 'text');
        await assert.rejects(run(argv), { name: 'HumanError', message });
        assert.equal((await run(['true'])).exitCode, 0);
      });
    }

    it('writes standard error to a file on request', async () => {
      const stderr = join(temporary.path, 'stderr');
      await run(['sh', '-c', 'echo a reason >&2'], { stderr });
      assert.equal(readFileSync(stderr, 'utf8'), 'a reason\n');
    });

    it('does not wait for processes that a program leaves behind', async () => {
      const { wallNs } = await run(['sh', '-c', 'sleep 3 & exit 0']);
      assert.ok(wallNs < 1e9, `${wallNs}`);
    });

    it('ends the program, with processes that left its session, if it is cancelled', async () => {
      const controller = new AbortController();
      const own = await ProcessTimer.start(isExact ? dist : temporary.path);
      const pids = join(temporary.path, 'pids');
      const argv = ['sh', '-c', 'setsid sh -c "echo \\$\\$ >> pids; exec sleep 60" & echo $$ >> pids; sleep 60'];
      const running = own.run({ argv, cwd: temporary.path, env: process.env }, controller.signal);
      while (!existsSync(pids) || readFileSync(pids, 'utf8').trim().split('\n').length < 2) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      controller.abort(new Error('cancelled'));
      await assert.rejects(running, /cancelled/);
      await own.close();
      for (const pid of readFileSync(pids, 'utf8').trim().split('\n')) assert.ok(!existsSync(`/proc/${pid}/cwd`), pid);
    });
  });
}
