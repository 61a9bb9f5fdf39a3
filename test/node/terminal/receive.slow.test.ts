import { strict as assert } from 'node:assert';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { importJson } from '../../../src/core/export/snapshot-json.ts';
import { folder } from '../../fixtures/pipeline.ts';

const root = join(import.meta.dirname, '../../..');

interface Receiving {
  readonly child: ChildProcess;
  readonly told: { stdout: string; stderr: string };
  /** What a shell would set after the printed lines. */
  readonly environment: Record<string, string>;
}

describe('pipescope receive', function () {
  this.timeout(60_000);
  let temporary: ReturnType<typeof folder>;
  beforeEach(() => {
    temporary = folder();
  });
  afterEach(() => temporary.done());

  function start(...options: string[]): { child: ChildProcess; told: { stdout: string; stderr: string } } {
    const where = ['--workspace', temporary.path, '--data', join(temporary.path, 'data')];
    const args = [join(root, 'src/cli.ts'), 'receive', ...where, ...options];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const told = { stdout: '', stderr: '' };
    child.stdout.on('data', (text) => (told.stdout += text));
    child.stderr.on('data', (text) => (told.stderr += text));
    return { child, told };
  }

  async function receiving(...options: string[]): Promise<Receiving> {
    const { child, told } = start(...options);
    for (let tries = 0; tries < 3000 && !/TIMEOUT=400/.test(told.stderr); tries++) await sleep(10);
    const lines = [...told.stderr.matchAll(/^export (\w+)=(.*)$/gm)];
    return { child, told, environment: Object.fromEntries(lines.map(([, name = '', value = '']) => [name, value])) };
  }

  async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
    child.kill(signal);
    const [code] = (await once(child, 'close')) as [number | null];
    return code;
  }

  it('records what a program sends that was started with the printed variables', async () => {
    const file = join(temporary.path, 'out', 's.json');
    const { child, told, environment } = await receiving('--token', '--snapshot', file, '--json');
    assert.match(environment['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? '', /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.match(environment['OTEL_EXPORTER_OTLP_HEADERS'] ?? '', /^authorization=Bearer%20[\da-f]{48}$/);
    const program = spawn(process.execPath, [join(root, 'test/node/otlp/receive/program.mjs')], {
      env: { PATH: process.env['PATH'], ...environment, OTEL_SERVICE_NAME: 'shop' },
      stdio: 'ignore',
    });
    assert.deepEqual(await once(program, 'close'), [0, null]);
    assert.equal(await end(child, 'SIGINT'), 0, told.stderr);
    const summary = JSON.parse(told.stdout);
    const counts = (operations: readonly { name: string; count: number }[]) =>
      Object.fromEntries(operations.map(({ name, count }) => [name, count]));
    assert.deepEqual(counts(summary.operations), { order: 1000, line: 3000, wait: 1000 });
    assert.equal(summary.run.result, 'success');
    const whole = importJson(readFileSync(file, 'utf8'));
    assert.deepEqual(counts(whole.operations), counts(summary.operations));
    assert.ok(whole.operations.every(({ histogram }) => histogram));
    assert.match(told.stderr, /shop +4k/);
  });

  it('listens on the port that it is given, and says where that is taken', async () => {
    const first = await receiving();
    const port = new URL(first.environment['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? '').port;
    const socket = connect({ host: '127.0.0.1', port: Number(port) });
    await once(socket, 'connect');
    socket.destroy();
    const second = start('--port', port);
    const [code] = await once(second.child, 'close');
    assert.equal(code, 1);
    assert.match(second.told.stderr, new RegExp(`^Port ${port} cannot be used .*\\n$`));
    assert.equal(await end(first.child, 'SIGTERM'), 0);
    const third = await receiving('--port', port);
    assert.equal(new URL(third.environment['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? '').port, port);
    assert.equal(third.environment['OTEL_EXPORTER_OTLP_HEADERS'], undefined);
    assert.equal(await end(third.child, 'SIGINT'), 0);
  });

  for (const [what, args, message] of [
    ['a port beyond all ports', ['--port', '70000'], /--port wants a number from 0 to 65535/],
    ['a word', ['detection'], /receive takes no words/],
  ] as const) {
    it(`answers 2 to ${what}`, async () => {
      const { child, told } = start(...args);
      const [code] = await once(child, 'close');
      assert.equal(code, 2);
      assert.match(told.stderr, message);
      assert.equal(told.stdout, '');
    });
  }
});
