/** Tests runs that outlive their host: the next host resumes them with all totals, the output and the exit. */
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { connectToKeeper, startKeeper } from '../../../src/node/detached/keeper-client.ts';
import { readRunNotes } from '../../../src/node/detached/run-note.ts';
import { toSerializableLaunch } from '../../../src/node/detached/serializable-launch.ts';
import { buildCommandLaunch, type LaunchSpec } from '../../../src/node/run/launch-spec.ts';
import { type ResumedRun, Session } from '../../../src/node/session.ts';
import { runNotesFolderOf } from '../../../src/node/storage/data-folder.ts';
import { isAlive } from '../../../src/process/process-tree.ts';
import { runVariable, socketVariable } from '../../../src/protocol/environment-variables.ts';
import type { Snapshot } from '../../../src/protocol/snapshot.ts';
import { createProgramFolder } from '../../probe/profiled-program.ts';

const root = resolve(import.meta.dirname, '../../..');
const dist = join(root, 'dist');

/** Counts its calls, prints the count in each round, and exits with code 7 once a file named `end` exists. */
const main = `const { spawn } = require('node:child_process');
const { existsSync, writeFileSync } = require('node:fs');
function work(n) { return n + 1; }
const child = spawn(process.execPath, ['child.cjs'], { stdio: 'ignore' });
writeFileSync('pids', process.pid + ' ' + child.pid);
let ended = false;
child.on('exit', () => { ended = true; });
let calls = 0;
const round = () => {
  for (let left = 100; left > 0; left--) calls = work(calls);
  console.log('calls ' + calls);
  if (existsSync('end') && ended) { console.error('enough'); process.exit(7); }
  setTimeout(round, 10);
};
round();
`;
const child = `function step(n) { return n + 1; }
let calls = 0;
while (calls < 500) calls = step(calls);
`;

interface Fixture {
  readonly workspace: string;
  readonly data: string;
  readonly launch: LaunchSpec;
}

function createFixture(argv: [string, ...string[]] = ['node', 'main.cjs']): Fixture {
  const workspace = createProgramFolder({ 'main.cjs': main, 'child.cjs': child });
  return { workspace, data: join(workspace, 'data'), launch: buildCommandLaunch(argv, { workspace, stdio: 'pipe' }) };
}

function exactTargetsIn(workspace: string) {
  return [
    { file: join(workspace, 'main.cjs'), name: 'work' },
    { file: join(workspace, 'child.cjs'), name: 'step' },
  ];
}

interface Host {
  readonly session: Session;
  readonly log: string[];
  printed: string;
}

const hosts: Host[] = [];

function createHost(data: string): Host {
  const log: string[] = [];
  const onOutput = (text: string): void => {
    host.printed += text;
  };
  const host: Host = {
    session: new Session({ dist, data, survivesHost: true, log: (line) => log.push(line), onOutput }),
    log,
    printed: '',
  };
  hosts.push(host);
  return host;
}

const ignore = (): void => undefined;

function callsIn(snapshot: Snapshot | undefined, name: string): number {
  return snapshot?.operations.find((operation) => operation.name === name)?.count ?? 0;
}

/** Waits up to 40 s, because the machine may be busy. */
async function until(goal: string, condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 4000 && !condition(); tries++) await sleep(10);
  assert.ok(condition(), `not reached: ${goal}`);
}

async function resume(host: Host): Promise<ResumedRun> {
  const resumed = await host.session.resumeRun(ignore);
  assert.ok(resumed, host.log.join('\n'));
  return resumed;
}

/** Returns the counts that the program has printed. */
function roundsIn(printed: string): number[] {
  return [...printed.matchAll(/^calls (\d+)$/gm)].map(([, calls]) => Number(calls));
}

/** Sends three spans, as an instrumented program does, to the receiver that the environment names. */
async function sendSpans(env: NodeJS.ProcessEnv): Promise<void> {
  const span = { name: 'served', startTimeUnixNano: '1000000000', endTimeUnixNano: '1001000000' };
  const spans = ['a', 'b', 'c'].map((id) => ({ ...span, traceId: id.repeat(32), spanId: id.repeat(16) }));
  const [, token = ''] = /authorization=Bearer%20(\w+)/.exec(env['OTEL_EXPORTER_OTLP_HEADERS'] ?? '') ?? [];
  const { status } = await fetch(`${env['OTEL_EXPORTER_OTLP_ENDPOINT']}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }),
  });
  assert.equal(status, 200);
}

describe('a run that outlives its host', function () {
  this.timeout(90_000);

  before(() => assert.ok(existsSync(join(dist, 'keeper.js')), 'run `npm run build` first'));
  afterEach(async () => {
    for (const { session } of hosts.splice(0)) {
      await session.stop();
      session.dispose();
    }
  });

  /** Starts the run in a host which then exits, in order or by a signal. */
  const hostExits: readonly [string, number, (fixture: Fixture) => Promise<void>][] = [
    [
      'its host disconnects',
      1500,
      async ({ workspace, data, launch }) => {
        const { session } = createHost(data);
        void session.launch(launch, { exact: exactTargetsIn(workspace), budgetRatio: 1 });
        await until(
          'calls are counted',
          () => callsIn(session.snapshot, 'work') > 0 && callsIn(session.snapshot, 'step') === 500,
        );
        session.dispose();
      },
    ],
    [
      'its host is killed',
      0,
      async ({ workspace, data, launch }) => {
        const program = `
          import { Session } from ${JSON.stringify(join(root, 'src/node/session.ts'))};
          const session = new Session({ dist: ${JSON.stringify(dist)}, data: ${JSON.stringify(data)}, survivesHost: true, log() {}, onOutput() {} });
          const count = (name) => session.snapshot?.operations.find((operation) => operation.name === name)?.count ?? 0;
          session.onChange(() => { if (count('work') > 0 && count('step') === 500) console.log('counted'); });
          await session.launch(${JSON.stringify(launch)}, { exact: ${JSON.stringify(exactTargetsIn(workspace))}, budgetRatio: 1 });`;
        const host = spawn(process.execPath, ['--input-type=module', '-e', program], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        await Promise.race([once(host.stdout, 'data'), once(host, 'exit')]);
        assert.equal(host.exitCode, null);
        host.kill('SIGKILL');
        await once(host, 'exit');
      },
    ],
  ];
  for (const [event, absenceMs, exitHost] of hostExits) {
    it(`is resumed with exact totals, output, exit code and start time after ${event}`, async () => {
      const fixture = createFixture();
      const earliestStart = Date.now();
      await exitHost(fixture);
      const [pid = 0, childPid = 0] = readFileSync(join(fixture.workspace, 'pids'), 'utf8').split(' ').map(Number);
      // A host that disconnects may be followed by another one later than a host that is killed.
      await sleep(absenceMs);
      assert.deepEqual([isAlive(pid), isAlive(childPid)], [true, false]);
      const latestStart = Date.now();
      const host = createHost(fixture.data);
      const { snapshot: running } = await resume(host);
      assert.equal(host.session.phase, 'running');
      const earlierCalls = callsIn(host.session.exportSnapshot(), 'work');
      assert.ok(earlierCalls > 0, 'earlier calls are missing after resuming');
      await until('the count grows', () => callsIn(host.session.snapshot, 'work') > earlierCalls);
      writeFileSync(join(fixture.workspace, 'end'), '');
      const snapshot = await running;
      const rounds = roundsIn(host.printed);
      assert.deepEqual(
        rounds,
        rounds.map((_, index) => 100 * (index + 1)),
        'a line is missing or repeated',
      );
      assert.deepEqual([callsIn(snapshot, 'work'), callsIn(snapshot, 'step')], [rounds.at(-1), 500]);
      assert.deepEqual([snapshot.run.result, snapshot.run.exitCode], ['failure', 7]);
      assert.match(snapshot.run.message ?? '', /exit code 7: enough/);
      assert.ok(
        Date.parse(snapshot.run.startedAt) >= earliestStart && Date.parse(snapshot.run.startedAt) < latestStart,
      );
      assert.ok(snapshot.run.durationNs > absenceMs * 1e6);
      assert.equal(snapshot.dropped.batches, 0);
      assert.match(snapshot.notices.join('\n'), /cover the time since then; totals, percentiles and histograms cover/);
      assert.match(host.log.join('\n'), /resumed/);
      assert.deepEqual(readRunNotes(fixture.data), []);
    });
  }

  it('is stopped by the next host with all its descendants', async () => {
    const fixture = createFixture([
      'bash',
      '-c',
      'sleep 987 & setsid sleep 987 & echo $$ $(jobs -p) > pids; echo on; wait',
    ]);
    const first = createHost(fixture.data);
    void first.session.launch(fixture.launch);
    await until('the program runs', () => first.printed.includes('on'));
    first.session.dispose();
    const pids = readFileSync(join(fixture.workspace, 'pids'), 'utf8').trim().split(' ').map(Number);
    const second = createHost(fixture.data);
    const { snapshot: running } = await resume(second);
    assert.ok(pids.length === 3 && pids.every(isAlive), `a process ended before the stop: ${pids}`);
    await second.session.stop();
    assert.equal((await running).run.result, 'cancellation');
    assert.deepEqual(pids.filter(isAlive), []);
  });

  it('is resumed by only one host at a time', async () => {
    const fixture = createFixture();
    const [first, second, third] = [createHost(fixture.data), createHost(fixture.data), createHost(fixture.data)];
    void first.session.launch(fixture.launch);
    await until('the program runs', () => first.printed !== '');
    assert.equal(await second.session.resumeRun(ignore), undefined);
    assert.deepEqual([second.session.phase, second.log], ['idle', []]);
    assert.equal(readRunNotes(fixture.data).length, 1);
    const waiting = third.session.resumeRun(ignore, 60_000);
    first.session.dispose();
    assert.ok(await waiting);
    assert.equal(await second.session.resumeRun(ignore), undefined);
  });

  it('leaves a note that only the current user can read', async () => {
    const fixture = createFixture();
    const { session, ...host } = createHost(fixture.data);
    void session.launch(fixture.launch);
    await until('the program runs', () => readRunNotes(fixture.data).length > 0);
    const [name = ''] = readdirSync(runNotesFolderOf(fixture.data));
    assert.equal(statSync(join(runNotesFolderOf(fixture.data), name)).mode & 0o077, 0);
    assert.ok(host.log.length > 0);
  });

  it('keeps its endpoints, including the OpenTelemetry receiver, if it waits for programs', async () => {
    const fixture = createFixture();
    const first = createHost(fixture.data);
    const environments: NodeJS.ProcessEnv[] = [];
    const onEnvironment = (variables: NodeJS.ProcessEnv): void => void environments.push(variables);
    void first.session.launch(
      { ...fixture.launch, start: { kind: 'listen', onEnvironment } },
      { exact: exactTargetsIn(fixture.workspace), budgetRatio: 1 },
    );
    await until('the run listens', () => environments.length === 1);
    const { [runVariable]: _, ...env } = environments[0] ?? {};
    writeFileSync(join(fixture.workspace, 'end'), '');
    const run = async (): Promise<void> => {
      const program = spawn('node', ['main.cjs'], {
        cwd: fixture.workspace,
        env: { ...process.env, ...env },
        stdio: 'ignore',
      });
      assert.deepEqual(await once(program, 'exit'), [7, null]);
      await sendSpans(env);
    };
    await run();
    const recordedIn = (session: Session) => [callsIn(session.snapshot, 'step'), callsIn(session.snapshot, 'served')];
    await until('the first program is recorded', () => isDeepStrictEqual(recordedIn(first.session), [500, 3]));
    first.session.dispose();
    await run();
    const second = createHost(fixture.data);
    const resumed = await second.session.resumeRun(onEnvironment);
    assert.deepEqual(environments[1]?.[socketVariable], environments[0]?.[socketVariable]);
    await run();
    await until('all programs are recorded', () => isDeepStrictEqual(recordedIn(second.session), [1500, 9]));
    await second.session.stop();
    assert.equal((await resumed?.snapshot)?.run.result, 'success');
  });

  it('is ended with all its descendants if no host reconnects in time', async () => {
    const fixture = createFixture([
      'bash',
      '-c',
      'sleep 987 & setsid sleep 987 & echo $$ $(jobs -p) > pids; echo on; wait',
    ]);
    const address = await startKeeper({
      launch: toSerializableLaunch(fixture.launch),
      runId: 'abandoned',
      dist,
      probeConfig: { samplingNs: 0, exact: [], budgetRatio: 1, workspace: fixture.workspace },
      span: { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 0 },
      environment: { PATH: process.env['PATH'] ?? '' },
      reconnectTimeoutMs: 1000,
    });
    let printed = '';
    const events = {
      runId: 'abandoned',
      log: ignore,
      onMessage: ignore,
      onFault: ignore,
      onOutput: (_: string, text: string) => {
        printed += text;
      },
    };
    const handle = await connectToKeeper(address, events);
    assert.ok(typeof handle === 'object' && handle.detach);
    await until('the program runs', () => printed.includes('on'));
    const pids = readFileSync(join(fixture.workspace, 'pids'), 'utf8').trim().split(' ').map(Number);
    // Waits longer than the timeout, which must not apply while a host is connected.
    await sleep(1500);
    assert.ok(pids.length === 3 && pids.every(isAlive), `a process ended while a host was connected: ${pids}`);
    handle.detach();
    await until('all processes have ended', () => !pids.some(isAlive));
    await until('the keeper has ended', () => !existsSync(address));
    assert.equal(await connectToKeeper(address, events), 'gone');
  });

  it('times other functions and receives signals as the next host requests', async () => {
    const fixture = createFixture();
    const probeConfig = {
      samplingNs: 0,
      exact: exactTargetsIn(fixture.workspace),
      budgetRatio: 1,
      workspace: fixture.workspace,
    };
    const first = createHost(fixture.data);
    void first.session.launch(fixture.launch, probeConfig);
    await until('calls are counted', () => callsIn(first.session.snapshot, 'work') > 0);
    first.session.dispose();
    const { session } = createHost(fixture.data);
    const resumed = await session.resumeRun(ignore);
    const earlierCalls = callsIn(session.exportSnapshot(), 'work');
    await until('the count grows', () => callsIn(session.snapshot, 'work') > earlierCalls);
    assert.equal(callsIn(session.snapshot, 'round'), 0);
    session.configure({
      ...probeConfig,
      exact: [...probeConfig.exact, { file: join(fixture.workspace, 'main.cjs'), name: 'round' }],
    });
    await until('the other function is timed', () => callsIn(session.snapshot, 'round') > 0);
    session.forwardSignal('SIGTERM');
    const { run } = (await resumed?.snapshot) ?? {};
    assert.deepEqual([run?.result, run?.signal], ['error', 'SIGTERM']);
  });

  it('reports its totals and its exit to the next host if it ends in between', async () => {
    const fixture = createFixture();
    const first = createHost(fixture.data);
    void first.session.launch(fixture.launch, { exact: exactTargetsIn(fixture.workspace), budgetRatio: 1 });
    await until('calls are counted', () => callsIn(first.session.snapshot, 'work') > 0);
    const pid = Number(readFileSync(join(fixture.workspace, 'pids'), 'utf8').split(' ')[0]);
    first.session.dispose();
    writeFileSync(join(fixture.workspace, 'end'), '');
    await until('the program exits', () => !isAlive(pid));
    const second = createHost(fixture.data);
    const snapshot = await (await resume(second)).snapshot;
    assert.deepEqual([callsIn(snapshot, 'work'), callsIn(snapshot, 'step')], [roundsIn(second.printed).at(-1), 500]);
    assert.deepEqual([snapshot.run.result, snapshot.run.exitCode, second.session.phase], ['failure', 7, 'failed']);
    assert.deepEqual(readRunNotes(fixture.data), []);
  });

  it('is ended with a log message if its keeper is killed', async () => {
    const fixture = createFixture();
    const { session, log } = createHost(fixture.data);
    const running = session.launch(fixture.launch, { exact: exactTargetsIn(fixture.workspace), budgetRatio: 1 });
    await until('calls are counted', () => callsIn(session.snapshot, 'work') > 0);
    const pid = Number(readFileSync(join(fixture.workspace, 'pids'), 'utf8').split(' ')[0]);
    assert.ok(isAlive(pid));
    const [keeper] = /(?<=^PPid:\s+)\d+/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    process.kill(Number(keeper), 'SIGKILL');
    const { run } = await running;
    assert.equal(isAlive(pid), false);
    assert.deepEqual([run.result, run.signal], ['error', 'SIGKILL']);
    assert.match(log.join('\n'), /the keeper process ended unexpectedly/);
    assert.deepEqual(readRunNotes(fixture.data), []);
  });

  it('is forgotten with one log message if it can no longer be resumed', async () => {
    const fixture = createFixture();
    const first = createHost(fixture.data);
    const running = first.session.launch(fixture.launch);
    await until('the program runs', () => first.printed !== '');
    const [note] = readRunNotes(fixture.data);
    const file = join(runNotesFolderOf(fixture.data), readdirSync(runNotesFolderOf(fixture.data))[0] ?? '');
    await first.session.stop();
    await running;
    assert.ok(!existsSync(file), 'the note remains after the end of the run');
    await until('the keeper exits', () => !existsSync(note?.address ?? ''));
    writeFileSync(file, JSON.stringify(note));
    writeFileSync(join(runNotesFolderOf(fixture.data), 'other.json'), '{"launch":{}}');
    const second = createHost(fixture.data);
    assert.equal(await second.session.resumeRun(ignore), undefined);
    assert.deepEqual([second.log.length, readdirSync(runNotesFolderOf(fixture.data))], [1, []]);
    assert.match(second.log[0] ?? '', /could not resume/);
  });

  it('keeps the end of what it prints without a host, and reports the omitted length', async () => {
    const fixture = createFixture([
      'bash',
      '-c',
      'echo first; while [ ! -e on ]; do sleep 0.05; done; seq 200000; touch done; sleep 987',
    ]);
    const first = createHost(fixture.data);
    void first.session.launch(fixture.launch);
    await until('the program runs', () => first.printed === 'first\n');
    first.session.dispose();
    writeFileSync(join(fixture.workspace, 'on'), '');
    await until('the program prints without a host', () => existsSync(join(fixture.workspace, 'done')));
    const second = createHost(fixture.data);
    await resume(second);
    await until('the end of the output arrives', () => second.printed.endsWith('\n200000\n'));
    const [, omitted = ''] = /^… (\d+) characters omitted …\n/.exec(second.printed) ?? [];
    const whole = `first\n${Array.from({ length: 200_000 }, (_, index) => `${index + 1}\n`).join('')}`;
    assert.ok(Number(omitted) > 0);
    assert.equal(second.printed.slice(second.printed.indexOf('\n') + 1), whole.slice(Number(omitted)));
    assert.equal(whole.length - Number(omitted), 256 * 1024);
  });

  it('loses no output while a host is connected', async () => {
    const fixture = createFixture(['seq', '3000000']);
    const host = createHost(fixture.data);
    const { run } = await host.session.launch(fixture.launch);
    assert.equal(run.result, 'success');
    assert.ok(host.printed.startsWith('1\n2\n3\n') && host.printed.endsWith('\n2999999\n3000000\n'));
    assert.equal(host.printed.split('\n').length, 3_000_001);
  });

  const failures: readonly [string, [string, ...string[]], RegExp][] = [
    ['the program does not exist', ['no-such-program'], /Program not found: “no-such-program”/],
    ['an argument contains a null byte', ['node', 'a\0b'], /without null bytes/],
  ];
  for (const [what, argv, message] of failures) {
    it(`is rejected without leaving a note if ${what}`, async () => {
      const fixture = createFixture(argv);
      const { session } = createHost(fixture.data);
      await assert.rejects(session.launch(fixture.launch), message);
      assert.equal(session.phase, 'failed');
      assert.deepEqual(readRunNotes(fixture.data), []);
    });
  }
});
