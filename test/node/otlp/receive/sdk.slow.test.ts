import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { defaultThresholds } from '../../../../src/core/snapshot/health.ts';
import { otlpEnvironment } from '../../../../src/node/otlp/receive/otlp-environment.ts';
import { OtlpReceiver } from '../../../../src/node/otlp/receive/otlp-receiver.ts';
import { buildCommandLaunch } from '../../../../src/node/run/launch-spec.ts';
import { Recording } from '../../../../src/node/run/recording.ts';
import type { Snapshot } from '../../../../src/protocol/snapshot.ts';
import { createSession, createTemporaryFolder } from '../../../fixtures/pipeline.ts';

const here = import.meta.dirname;

/** Runs a program with a receiver, as a run does. `userEnvironment` contains the variables that the user has set. */
async function record(
  file: string,
  userEnvironment: NodeJS.ProcessEnv = {},
): Promise<{ snapshot: Snapshot; output: string }> {
  const pipeline = { id: 'otlp', title: 'O', description: '', components: [], throughput: [] };
  const recording = new Recording(
    pipeline,
    { id: 'r', pipeline: 'otlp', title: 'O', workspace: here },
    () => undefined,
  );
  const rejections: string[] = [];
  const receiver = await OtlpReceiver.open({
    requiresToken: true,
    onBatch: (batch) => recording.ingest(batch),
    onRejected: (what) => rejections.push(what),
  });
  try {
    const child = spawn(process.execPath, [join(here, file)], {
      env: { PATH: process.env['PATH'], ...userEnvironment, ...otlpEnvironment(receiver, userEnvironment, 'shop') },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (text) => (output += text));
    child.stderr.on('data', (text) => (output += text));
    const [code] = await once(child, 'close');
    assert.equal(code, 0, output);
    assert.deepEqual(rejections, []);
    recording.finish({ exitCode: 0, stderr: '', stopped: false });
    return { snapshot: recording.snapshot(defaultThresholds, 'whole'), output };
  } finally {
    await receiver.close();
  }
}

describe('a program with an OpenTelemetry SDK', function () {
  this.timeout(120_000);

  for (const userEnvironment of [
    {},
    { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
    { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json', OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' },
    { OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' },
  ]) {
    it(`has all its spans and metrics recorded: ${Object.values(userEnvironment).join(', ') || 'default settings'}`, async () => {
      const { snapshot } = await record('program.mjs', userEnvironment);
      const findOperation = (name: string) => snapshot.operations.find((operation) => operation.name === name);
      const order = findOperation('order');
      assert.deepEqual(
        [order?.component, order?.count, order?.errors, order?.cacheHits, order?.cacheMisses, order?.source],
        ['shop', 1000, 20, 100, 900, 'measured'],
      );
      assert.deepEqual([order?.file, order?.line, order?.kind], ['program.mjs', 10, 'function']);
      assert.deepEqual(order?.errorTypes, { RangeError: 20 });
      assert.equal(findOperation('line')?.count, 3000);
      assert.deepEqual(snapshot.components.find(({ name }) => name === 'shop')?.counters, { orders: 1000 });
      const wait = findOperation('wait');
      assert.deepEqual([wait?.count, wait?.totalNs, wait?.source], [1000, 250e9, 'estimated']);
      assert.deepEqual([wait?.minNs, wait?.maxNs, wait?.p99Ns], [250e6, 250e6, 250e6]);
      assert.equal(snapshot.spans.length + snapshot.dropped.spans, 4000);
      assert.equal(snapshot.dropped.batches, 0);
      assert.match(snapshot.processes[0]?.runtime ?? '', /^nodejs \d/);
    });
  }

  it('is recorded if the SDK instruments the program automatically', async () => {
    const register = '--require @opentelemetry/auto-instrumentations-node/register';
    const { snapshot, output } = await record('server.cjs', { NODE_OPTIONS: register });
    assert.match(output, /served/);
    const http = snapshot.operations.filter(({ name, source }) => name.startsWith('GET') && source === 'measured');
    // Twenty requests, each recorded by the client and by the server.
    assert.equal(
      http.reduce((sum, { count }) => sum + count, 0),
      40,
    );
    assert.equal(
      http.reduce((sum, { errors }) => sum + errors, 0),
      8,
    );
    assert.deepEqual(Object.keys(http[0]?.errorTypes ?? {}), ['500']);
  });
});

describe('a run of a program with an OpenTelemetry SDK', function () {
  this.timeout(120_000);

  it('records its spans under the name of the library if the service has no name', async () => {
    const temporary = createTemporaryFolder();
    const { session, log } = createSession(temporary.path);
    try {
      const argv = [process.execPath, join(here, 'program.mjs')] as const;
      const snapshot = await session.launch(
        buildCommandLaunch([...argv], { workspace: temporary.path, stdio: 'pipe' }),
      );
      assert.equal(snapshot.run.result, 'success', log.join('\n'));
      const counts = snapshot.operations.map(({ component, name, count }) => [component, name, count]);
      for (const expected of [
        ['shop-lib', 'order', 1000],
        ['shop-lib', 'line', 3000],
        ['shop-lib metrics', 'wait', 1000],
      ]) {
        assert.ok(
          counts.some((row) => row.join() === expected.join()),
          `${expected} in ${JSON.stringify(counts)}`,
        );
      }
    } finally {
      session.dispose();
      temporary.done();
    }
  });
});

describe('otlpEnvironment', () => {
  const receiver = { endpoint: 'http://127.0.0.1:4711', token: undefined };

  it('sets the endpoint, the protocol and the exporters', () => {
    assert.deepEqual(otlpEnvironment(receiver, {}, 'shop'), {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4711',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_LOGS_EXPORTER: 'none',
      OTEL_BSP_SCHEDULE_DELAY: '200',
      OTEL_BSP_MAX_QUEUE_SIZE: '16384',
      OTEL_METRIC_EXPORT_INTERVAL: '500',
      OTEL_METRIC_EXPORT_TIMEOUT: '400',
      OTEL_SERVICE_NAME: 'shop',
    });
  });

  it('does not override variables of the user', () => {
    const userEnvironment = {
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_TRACES_EXPORTER: 'console',
      OTEL_BSP_SCHEDULE_DELAY: '9',
      OTEL_METRIC_EXPORT_INTERVAL: '100',
      OTEL_RESOURCE_ATTRIBUTES: 'a=b,service.name=mine',
    };
    const added = otlpEnvironment(receiver, userEnvironment, 'shop');
    assert.deepEqual(
      Object.keys(userEnvironment).filter((name) => name in added),
      [],
    );
    assert.equal(added['OTEL_METRIC_EXPORT_TIMEOUT'], undefined, 'a timeout could exceed the interval of the user');
    assert.equal(added['OTEL_SERVICE_NAME'], undefined);
    assert.equal(added['OTEL_EXPORTER_OTLP_ENDPOINT'], receiver.endpoint);
  });

  it('does not redirect data that the user already exports', () => {
    for (const name of ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT']) {
      assert.deepEqual(
        otlpEnvironment({ ...receiver, token: 't' }, { [name]: 'https://collector.example' }, 'shop'),
        {},
      );
    }
    for (const name of ['OTEL_EXPORTER_OTLP_PROTOCOL', 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL']) {
      assert.deepEqual(otlpEnvironment(receiver, { [name]: 'grpc' }), {}, 'gRPC is not supported');
    }
  });

  it('adds the token to the headers of the user', () => {
    const receiverWithToken = { ...receiver, token: 'abc' };
    const variable = 'OTEL_EXPORTER_OTLP_HEADERS';
    assert.equal(otlpEnvironment(receiverWithToken, {})[variable], 'authorization=Bearer%20abc');
    assert.equal(otlpEnvironment(receiverWithToken, { [variable]: 'x=1' })[variable], 'x=1,authorization=Bearer%20abc');
  });
});
