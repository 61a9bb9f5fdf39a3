import { strict as assert } from 'node:assert';
import { GuestEndpoints } from '../../../src/node/run/guest-endpoints.ts';
import { post } from '../otlp/post.ts';

const probeConfig = { samplingNs: 1e6, exact: [], budgetRatio: 0.01, workspace: '/workspace' };
const headersVariable = 'OTEL_EXPORTER_OTLP_HEADERS';

describe('GuestEndpoints', () => {
  let endpoints: GuestEndpoints | undefined;

  async function open(port?: number): Promise<Readonly<Record<string, string>>> {
    endpoints = await GuestEndpoints.open({
      probeConfig,
      onMessage: () => undefined,
      onFault: () => undefined,
      ...(port === undefined ? {} : { port }),
    });
    return endpoints.environment({});
  }

  /** Sends an empty OpenTelemetry request. Returns the status of the response. */
  async function send(
    variables: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<number> {
    const { port } = new URL(variables['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? '');
    const { status } = await post(Number(port), {
      headers: { 'content-type': 'application/json', ...headers },
      body: '{}',
    });
    return status;
  }

  afterEach(async () => {
    await endpoints?.close();
    endpoints = undefined;
  });

  it('requires the token from the environment for OpenTelemetry data', async () => {
    const variables = await open();
    const [, token = ''] = /^authorization=Bearer%20([\da-f]{48})$/.exec(variables[headersVariable] ?? '') ?? [];
    assert.equal(await send(variables), 401);
    assert.equal(await send(variables, { authorization: `Bearer ${token}` }), 200);
  });

  it('requires no token on a port that the user has chosen', async () => {
    const variables = await open(0);
    assert.equal(variables[headersVariable], undefined);
    assert.equal(await send(variables), 200);
  });
});
