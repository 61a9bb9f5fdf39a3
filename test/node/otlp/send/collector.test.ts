import { strict as assert } from 'node:assert';
import { type Collector, collectorOf } from '../../../../src/node/otlp/send/collector.ts';

const endpoint = 'http://collector:4318';

describe('the collector of the environment', () => {
  const rows: readonly [string, NodeJS.ProcessEnv, Collector, NodeJS.ProcessEnv?][] = [
    ['no variable is set', {}, 'none'],
    ['an endpoint is set', { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }, 'http'],
    ['an endpoint for traces is set', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${endpoint}/v1/traces` }, 'http'],
    ['the endpoint is empty', { OTEL_EXPORTER_OTLP_ENDPOINT: '' }, 'none'],
    ['only metrics have an endpoint', { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: endpoint }, 'none'],
    [
      'the protocol is gRPC',
      { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
      'unreachable',
    ],
    ['gRPC is used with the default endpoint', { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, 'unreachable'],
    [
      'gRPC is used except for traces',
      {
        ...{ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
        OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf',
      },
      'http',
    ],
    ['the program exports no spans', { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_EXPORTER: 'none' }, 'none'],
    ['the SDK is disabled', { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SDK_DISABLED: 'TRUE' }, 'none'],
    ['only the program has an endpoint', {}, 'unreachable', { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }],
    [
      'only the program has the SDK disabled',
      { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint },
      'none',
      { OTEL_SDK_DISABLED: 'true' },
    ],
  ];
  for (const [condition, env, collector, program] of rows) {
    it(`is ${collector} if ${condition}`, () => {
      assert.equal(collectorOf(env, program), collector);
    });
  }
});
