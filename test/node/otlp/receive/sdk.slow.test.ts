import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { defaultThresholds } from '../../../../src/core/snapshot/health.ts';
import { environmentOf } from '../../../../src/node/otlp/receive/otlp-environment.ts';
import { Receiver } from '../../../../src/node/otlp/receive/otlp-receiver.ts';
import { commandOf } from '../../../../src/node/run/launch-spec.ts';
import { Recording } from '../../../../src/node/run/recording.ts';
import type { Snapshot } from '../../../../src/protocol/snapshot.ts';
import { folder, sessionIn } from '../../../fixtures/pipeline.ts';

const here = import.meta.dirname;

/** Runs a program under a receiver, as a run does; `own` is what its user has set. */
async function record(file: string, own: NodeJS.ProcessEnv = {}): Promise<{ snapshot: Snapshot; output: string }> {
  const pipeline = { id: 'otlp', title: 'O', description: '', components: [], throughput: [] };
  const recording = new Recording(
    pipeline,
    { id: 'r', pipeline: 'otlp', title: 'O', workspace: here },
    () => undefined,
  );
  const faults: string[] = [];
  const receiver = await Receiver.open({
    guarded: true,
    onBatch: (batch) => recording.take(batch),
    onFault: (what) => faults.push(what),
  });
  try {
    const child = spawn(process.execPath, [join(here, file)], {
      env: { PATH: process.env['PATH'], ...own, ...environmentOf(receiver, own, 'shop') },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (text) => (output += text));
    child.stderr.on('data', (text) => (output += text));
    const [code] = await once(child, 'close');
    assert.equal(code, 0, output);
    assert.deepEqual(faults, []);
    recording.finish({ exitCode: 0, stderr: '', stopped: false });
    return { snapshot: recording.picture(defaultThresholds, 'whole'), output };
  } finally {
    await receiver.close();
  }
}

describe('a program with an OpenTelemetry SDK', function () {
  this.timeout(120_000);

  for (const own of [
    {},
    { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
    { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json', OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' },
    { OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' },
  ]) {
    it(`has every span and every count recorded: ${Object.values(own).join(', ') || 'as we set it'}`, async () => {
      const { snapshot } = await record('program.mjs', own);
      const named = (name: string) => snapshot.operations.find((operation) => operation.name === name);
      const order = named('order');
      assert.deepEqual(
        [order?.component, order?.count, order?.errors, order?.cacheHits, order?.cacheMisses, order?.source],
        ['shop', 1000, 20, 100, 900, 'measured'],
      );
      assert.deepEqual([order?.file, order?.line, order?.kind], ['program.mjs', 10, 'function']);
      assert.deepEqual(order?.errorTypes, { RangeError: 20 });
      assert.equal(named('line')?.count, 3000);
      assert.deepEqual(snapshot.components.find(({ name }) => name === 'shop')?.counters, { orders: 1000 });
      const wait = named('wait');
      assert.deepEqual([wait?.count, wait?.totalNs, wait?.source], [1000, 250e9, 'estimated']);
      assert.deepEqual([wait?.minNs, wait?.maxNs, wait?.p99Ns], [250e6, 250e6, 250e6]);
      assert.equal(snapshot.spans.length + snapshot.dropped.spans, 4000);
      assert.equal(snapshot.dropped.batches, 0);
      assert.match(snapshot.processes[0]?.runtime ?? '', /^nodejs \d/);
    });
  }

  it('is recorded too where instrumentation is put into a program that knows nothing of it', async () => {
    const register = '--require @opentelemetry/auto-instrumentations-node/register';
    const { snapshot, output } = await record('server.cjs', { NODE_OPTIONS: register });
    assert.match(output, /served/);
    const http = snapshot.operations.filter(({ name, source }) => name.startsWith('GET') && source === 'measured');
    // Twenty requests, each seen by the client and by the server.
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

  it('records its spans, under the name of their library where nobody named the service', async () => {
    const temporary = folder();
    const { session, log } = sessionIn(temporary.path);
    try {
      const words = [process.execPath, join(here, 'program.mjs')] as const;
      const snapshot = await session.launch(commandOf([...words], { workspace: temporary.path, stdio: 'pipe' }));
      assert.equal(snapshot.run.result, 'success', log.join('\n'));
      const counts = snapshot.operations.map(({ component, name, count }) => [component, name, count]);
      for (const wanted of [
        ['shop-lib', 'order', 1000],
        ['shop-lib', 'line', 3000],
        ['shop-lib metrics', 'wait', 1000],
      ]) {
        assert.ok(
          counts.some((one) => one.join() === wanted.join()),
          `${wanted} in ${JSON.stringify(counts)}`,
        );
      }
    } finally {
      session.dispose();
      temporary.done();
    }
  });
});

describe('the environment for OpenTelemetry', () => {
  const receiver = { endpoint: 'http://127.0.0.1:4711', token: undefined };

  it('tells where and how to send', () => {
    assert.deepEqual(environmentOf(receiver, {}, 'shop'), {
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

  it('leaves everything as the user has set it', () => {
    const own = {
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_TRACES_EXPORTER: 'console',
      OTEL_BSP_SCHEDULE_DELAY: '9',
      OTEL_METRIC_EXPORT_INTERVAL: '100',
      OTEL_RESOURCE_ATTRIBUTES: 'a=b,service.name=mine',
    };
    const added = environmentOf(receiver, own, 'shop');
    assert.deepEqual(
      Object.keys(own).filter((name) => name in added),
      [],
    );
    assert.equal(added['OTEL_METRIC_EXPORT_TIMEOUT'], undefined, 'it could be longer than their interval');
    assert.equal(added['OTEL_SERVICE_NAME'], undefined);
    assert.equal(added['OTEL_EXPORTER_OTLP_ENDPOINT'], receiver.endpoint);
  });

  it('does not divert what the user sends elsewhere', () => {
    for (const name of ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT']) {
      assert.deepEqual(environmentOf({ ...receiver, token: 't' }, { [name]: 'https://collector.example' }, 'shop'), {});
    }
    for (const name of ['OTEL_EXPORTER_OTLP_PROTOCOL', 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL']) {
      assert.deepEqual(environmentOf(receiver, { [name]: 'grpc' }), {}, 'which is not spoken here');
    }
  });

  it('adds its token to the headers of the user', () => {
    const guarded = { ...receiver, token: 'abc' };
    const variable = 'OTEL_EXPORTER_OTLP_HEADERS';
    assert.equal(environmentOf(guarded, {})[variable], 'authorization=Bearer%20abc');
    assert.equal(environmentOf(guarded, { [variable]: 'x=1' })[variable], 'x=1,authorization=Bearer%20abc');
  });
});
