import { strict as assert } from 'node:assert';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseSnapshotJson } from '../../../src/core/export/snapshot-json.ts';
import { createTemporaryFolder } from '../../fixtures/pipeline.ts';

const root = join(import.meta.dirname, '../../..');

interface Receiver {
  readonly child: ChildProcess;
  readonly output: { stdout: string; stderr: string };
  /** Variables that a shell would set by running the printed lines. */
  readonly environment: Record<string, string>;
}

describe('pipescope receive', function () {
  this.timeout(60_000);
  let temporary: ReturnType<typeof createTemporaryFolder>;
  beforeEach(() => {
    temporary = createTemporaryFolder();
  });
  afterEach(() => temporary.done());

  function start(...options: string[]): { child: ChildProcess; output: { stdout: string; stderr: string } } {
    const folders = ['--workspace', temporary.path, '--data', join(temporary.path, 'data')];
    const args = [join(root, 'src/cli.ts'), 'receive', ...folders, ...options];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const output = { stdout: '', stderr: '' };
    child.stdout.on('data', (text) => (output.stdout += text));
    child.stderr.on('data', (text) => (output.stderr += text));
    return { child, output };
  }

  async function startReady(...options: string[]): Promise<Receiver> {
    const { child, output } = start(...options);
    for (let tries = 0; tries < 3000 && !/TIMEOUT=400/.test(output.stderr); tries++) await sleep(10);
    const lines = [...output.stderr.matchAll(/^export (\w+)=(.*)$/gm)];
    return { child, output, environment: Object.fromEntries(lines.map(([, name = '', value = '']) => [name, value])) };
  }

  async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
    child.kill(signal);
    const [code] = (await once(child, 'close')) as [number | null];
    return code;
  }

  it('records the data of a program that was started with the printed variables', async () => {
    const file = join(temporary.path, 'out', 's.json');
    const { child, output, environment } = await startReady('--token', '--snapshot', file, '--json');
    assert.match(environment['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? '', /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.match(environment['OTEL_EXPORTER_OTLP_HEADERS'] ?? '', /^authorization=Bearer%20[\da-f]{48}$/);
    const program = spawn(process.execPath, [join(root, 'test/node/otlp/receive/program.mjs')], {
      env: { PATH: process.env['PATH'], ...environment, OTEL_SERVICE_NAME: 'shop' },
      stdio: 'ignore',
    });
    assert.deepEqual(await once(program, 'close'), [0, null]);
    assert.equal(await stop(child, 'SIGINT'), 0, output.stderr);
    const summary = JSON.parse(output.stdout);
    const counts = (operations: readonly { name: string; count: number }[]) =>
      Object.fromEntries(operations.map(({ name, count }) => [name, count]));
    assert.deepEqual(counts(summary.operations), { order: 1000, line: 3000, wait: 1000 });
    assert.equal(summary.run.result, 'success');
    const exported = parseSnapshotJson(readFileSync(file, 'utf8'));
    assert.deepEqual(counts(exported.operations), counts(summary.operations));
    assert.ok(exported.operations.every(({ histogram }) => histogram));
    assert.match(output.stderr, /shop +4k/);
  });

  it('listens on the given port and fails if the port is in use', async () => {
    const first = await startReady();
    const port = new URL(first.environment['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? '').port;
    const socket = connect({ host: '127.0.0.1', port: Number(port) });
    await once(socket, 'connect');
    socket.destroy();
    const second = start('--port', port);
    const [code] = await once(second.child, 'close');
    assert.equal(code, 1);
    assert.match(second.output.stderr, new RegExp(`^Could not listen on port ${port} .*\\n$`));
    assert.equal(await stop(first.child, 'SIGTERM'), 0);
    const third = await startReady('--port', port);
    assert.equal(new URL(third.environment['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? '').port, port);
    assert.equal(third.environment['OTEL_EXPORTER_OTLP_HEADERS'], undefined);
    assert.equal(await stop(third.child, 'SIGINT'), 0);
  });

  for (const [what, args, message] of [
    ['an invalid port', ['--port', '70000'], /--port must be a number from 0 to 65535/],
    ['an argument', ['detection'], /Unexpected argument “detection”/],
  ] as const) {
    it(`rejects ${what} with exit code 2`, async () => {
      const { child, output } = start(...args);
      const [code] = await once(child, 'close');
      assert.equal(code, 2);
      assert.match(output.stderr, message);
      assert.equal(output.stdout, '');
    });
  }
});
