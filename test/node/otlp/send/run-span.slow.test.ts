/** Runs a program with an OpenTelemetry SDK whose spans go to the user's own collector. */
import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pipescope } from '../../../fixtures/command.ts';
import { createTemporaryFolder } from '../../../fixtures/pipeline.ts';

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status: { readonly code?: number; readonly message?: string };
}

interface Collector {
  readonly endpoint: string;
  /** Spans by the name of the service that sent them. */
  readonly spans: Map<string, Span[]>;
  /** Headers of the requests. */
  readonly headers: Record<string, unknown>[];
  close(): void;
}

/** Accepts OTLP as JSON. */
async function openCollector(status = 200): Promise<Collector> {
  const spans = new Map<string, Span[]>();
  const headers: Record<string, unknown>[] = [];
  const server = createServer(async (request, response) => {
    const body = JSON.parse((await buffer(request)).toString());
    headers.push(request.headers);
    for (const { resource, scopeSpans } of body.resourceSpans ?? []) {
      const service = resource.attributes.find(({ key }: { key: string }) => key === 'service.name').value.stringValue;
      for (const scope of scopeSpans) spans.set(service, [...(spans.get(service) ?? []), ...scope.spans]);
    }
    response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { endpoint, spans, headers, close: () => server.close() };
}

const ownTrace = '0af7651916cd43dd8448eb211c80319c';
const ownSpan = 'b7ad6b7169203331';

describe('the span of a run', function () {
  this.timeout(60_000);
  let temporary: ReturnType<typeof createTemporaryFolder>;
  beforeEach(() => {
    temporary = createTemporaryFolder();
  });
  afterEach(() => temporary.done());

  async function run(variables: NodeJS.ProcessEnv, exitCode = 0) {
    const env = {
      ...{ PATH: process.env['PATH'], HOME: temporary.path, OTEL_SERVICE_NAME: 'shop' },
      ...{ OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none', OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
      ...variables,
    };
    const program = join(import.meta.dirname, 'traced-program.mjs');
    const args = [
      'run',
      '--json',
      '--data',
      join(temporary.path, 'data'),
      '--',
      process.execPath,
      program,
      `${exitCode}`,
    ];
    const result = await pipescope(args, { env, cwd: temporary.path });
    assert.equal(result.code, exitCode, result.stderr);
    return { ...result, snapshot: JSON.parse(result.stdout.trim().split('\n').at(-1) ?? '') };
  }

  it('is the parent of the spans of the program in the collector of the user', async () => {
    const collector = await openCollector();
    try {
      const headers = { OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20secret' };
      const { snapshot } = await run({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, ...headers }, 3);
      const [span] = collector.spans.get('pipescope') ?? [];
      const children = collector.spans.get('shop') ?? [];
      assert.deepEqual(children.map(({ name }) => name).sort(), ['first', 'second']);
      assert.deepEqual(
        [span?.traceId, span?.spanId, span?.parentSpanId],
        [snapshot.run.trace.traceId, snapshot.run.trace.spanId, undefined],
      );
      for (const child of children) {
        assert.deepEqual([child.traceId, child.parentSpanId], [span?.traceId, span?.spanId]);
        assert.ok(BigInt(child.startTimeUnixNano) >= BigInt(span?.startTimeUnixNano ?? 0));
        assert.ok(BigInt(child.endTimeUnixNano) <= BigInt(span?.endTimeUnixNano ?? 0));
      }
      assert.equal(span?.status.code, 2);
      assert.match(span?.status.message ?? '', /exit code 3/);
      assert.ok(collector.headers.every(({ authorization }) => authorization === 'Bearer secret'));
    } finally {
      collector.close();
    }
  });

  it('belongs to the trace that started the command', async () => {
    const collector = await openCollector();
    try {
      await run({
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
        TRACEPARENT: `00-${ownTrace}-${ownSpan}-01`,
      });
      const [span] = collector.spans.get('pipescope') ?? [];
      assert.deepEqual([span?.traceId, span?.parentSpanId], [ownTrace, ownSpan]);
      assert.deepEqual(
        collector.spans.get('shop')?.map(({ parentSpanId }) => parentSpanId),
        [span?.spanId, span?.spanId],
      );
    } finally {
      collector.close();
    }
  });

  it('is left out of the trace if only the program can reach the collector', async () => {
    const parent = { TRACEPARENT: `00-${ownTrace}-${ownSpan}-01`, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' };
    const grpc = await environmentOf({ ...parent, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, temporary.path);
    assert.equal(grpc.traceparent, parent.TRACEPARENT);
    assert.doesNotMatch(grpc.stderr, /did not accept/);
    const http = await environmentOf(parent, temporary.path);
    assert.match(http.traceparent, new RegExp(`^00-${ownTrace}-(?!${ownSpan})`));
    assert.match(http.stderr, /did not accept/);
  });

  it('is reported as missing if the collector rejects it, and the exit code stays', async () => {
    const collector = await openCollector(400);
    try {
      const { stderr, snapshot } = await run({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint });
      assert.match(stderr, /did not accept the span of this run/);
      assert.match(snapshot.notices.join(), /Verify the endpoint/);
    } finally {
      collector.close();
    }
  });
});

/** Returns the parent span that a program receives, and the messages of the command. */
async function environmentOf(variables: NodeJS.ProcessEnv, folder: string) {
  const env = { PATH: process.env['PATH'], HOME: folder, ...variables };
  const script = 'console.log(process.env.TRACEPARENT)';
  const args = ['run', '--data', join(folder, 'data'), '--', process.execPath, '-e', script];
  const { stdout, stderr } = await pipescope(args, { env, cwd: folder });
  return { traceparent: stdout.trim(), stderr };
}
