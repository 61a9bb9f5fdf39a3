import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { HumanError } from '../../../../src/core/human-error.ts';
import { contentTypes, type Encoding } from '../../../../src/node/otlp/decode/decode.ts';
import { createProtobufDecoder } from '../../../../src/node/otlp/decode/protobuf-decoder.ts';
import { OtlpReceiver, type OtlpReceiverOptions } from '../../../../src/node/otlp/receive/otlp-receiver.ts';
import { maxBodyBytes, rules } from '../../../../src/node/otlp/receive/request-rules.ts';
import { type Batch, isBatch } from '../../../../src/protocol/batch/batch.ts';
import { type PostRequest, type PostResponse, post } from '../post.ts';
import { encodeMetrics, encodeTraces, richMetrics, richSpans } from '../sender.ts';

const json = { 'content-type': contentTypes.json };
const protobuf = { 'content-type': contentTypes.protobuf };
const decodeStatus = createProtobufDecoder({ code: [1, 'uint32'], message: [2, 'text'] });

describe('OtlpReceiver', function () {
  this.timeout(60_000);
  let receiver: OtlpReceiver;
  let batches: Batch[];
  let rejections: string[];
  let log: string[];

  async function open(options: Partial<OtlpReceiverOptions> = {}): Promise<void> {
    [batches, rejections, log] = [[], [], []];
    receiver = await OtlpReceiver.open({
      onBatch: (batch) => batches.push(batch),
      onRejected: (what) => rejections.push(what),
      log: (line) => log.push(line),
      ...options,
    });
  }
  beforeEach(() => open());
  afterEach(() => receiver.close());

  const send = (options: PostRequest): Promise<PostResponse> =>
    post(receiver.port, { headers: json, body: '{}', ...options });

  const callCount = (): number =>
    batches.flatMap(({ operations = [] }) => operations).reduce((sum, { count }) => sum + count, 0);

  for (const encoding of ['json', 'protobuf'] as const satisfies readonly Encoding[]) {
    const headers = { 'content-type': contentTypes[encoding] };

    it(`accepts spans and metrics in ${encoding}, with and without compression, and responds in ${encoding}`, async () => {
      const spans = encodeTraces(richSpans(), encoding);
      const metrics = encodeMetrics(await richMetrics(), encoding);
      for (const [path, body] of [
        ['/v1/traces', spans],
        ['/v1/metrics', metrics],
      ] as const) {
        for (const isCompressed of [false, true]) {
          const response = await send({
            path,
            headers: isCompressed ? { ...headers, 'content-encoding': 'gzip' } : headers,
            body: isCompressed ? gzipSync(body) : body,
          });
          assert.equal(response.status, 200);
          assert.equal(response.headers['content-type'], contentTypes[encoding]);
          assert.equal(response.body.toString(), encoding === 'json' ? '{}' : '');
        }
      }
      assert.ok(batches.every(isBatch));
      assert.deepEqual(
        batches.map(({ sequence }) => sequence),
        [0, 1, 2, 3],
      );
      // Three spans, twice, and six values in each of two cumulative histograms, which do not increase the second time.
      assert.equal(callCount(), 6 + 12);
      assert.deepEqual(rejections, []);
    });

    it(`rejects malformed ${encoding} with a status message in ${encoding}`, async () => {
      const response = await send({ headers, body: '\u0007' });
      assert.equal(response.status, 400);
      assert.equal(response.headers['content-type'], contentTypes[encoding]);
      const status =
        encoding === 'json'
          ? (JSON.parse(response.body.toString()) as { message: string })
          : decodeStatus(response.body);
      assert.match(status.message ?? '', /^The body is malformed: .+\.$/);
    });

    it(`reports dropped spans in ${encoding}`, async () => {
      const body = `{"resourceSpans":[{"scopeSpans":[{"spans":[${Array(200).fill('{"name":"a"}').join()}]}]}]}`;
      const spans = Array(200).fill([0x12, 3, 0x2a, 1, 65]).flat() as number[];
      // Lengths of 1003 and 1000 bytes.
      const bytes = Buffer.from([10, 0xeb, 7, 0x12, 0xe8, 7, ...spans]);
      const response = await send({ headers, body: encoding === 'json' ? body : bytes });
      assert.equal(response.status, 200);
      if (encoding === 'json') {
        assert.equal(JSON.parse(response.body.toString()).partialSuccess.rejectedSpans, '200');
      } else {
        const partial = createProtobufDecoder({
          partialSuccess: [1, { rejected: [1, 'int64'], message: [2, 'text'] }],
        });
        assert.equal(partial(response.body).partialSuccess?.rejected, 200);
        assert.match(partial(response.body).partialSuccess?.message ?? '', /without a valid start/);
      }
      assert.deepEqual(rejections, [], 'the batch counts them');
      assert.deepEqual(batches.at(-1)?.dropped, { calls: 200, values: 0 });
    });
  }

  it('accepts logs, discards them and says so once', async () => {
    for (let times = 0; times < 2; times++) {
      const response = await send({ path: '/v1/logs', body: '{"resourceLogs":[{}]}' });
      assert.equal(response.status, 200);
    }
    assert.deepEqual(batches, []);
    assert.deepEqual(log, ['OpenTelemetry: received logs. Logs are not recorded.']);
  });

  it('closes connections that send no requests if they take all places, and says so', async () => {
    const silent = await Promise.all(
      Array.from({ length: 128 }, async () => {
        const socket = connect({ host: '127.0.0.1', port: receiver.port }).on('error', () => undefined);
        await once(socket, 'connect');
        return socket;
      }),
    );
    // The first attempts fail until the silent connections are old enough to be closed.
    let status: number | undefined;
    for (let attempt = 0; attempt < 100 && status !== 200; attempt++) {
      await sleep(100);
      status = (await send(validRequest()).catch(() => undefined))?.status;
    }
    assert.equal(status, 200);
    assert.match(log.join(), /a sender could not connect, because there were 128 connections/);
    for (const socket of silent) socket.destroy();
  });

  const validRequest = () => ({ body: encodeTraces(richSpans(), 'json') });
  const withHost = (host: string): PostRequest => ({ headers: { ...json, host } });
  const rejected: readonly [string, () => PostRequest, number][] = [
    ['a foreign host name', () => withHost(`evil.example:${receiver.port}`), 421],
    ['the receiver address without its port', () => withHost('127.0.0.1'), 421],
    ['the receiver address with another port', () => withHost('127.0.0.1:1'), 421],
    ['a subdomain of localhost', () => withHost(`evil.localhost:${receiver.port}`), 421],
    ['a host name with a trailing dot', () => withHost(`localhost.:${receiver.port}`), 421],
    ['a foreign web page', () => ({ headers: { ...json, origin: 'https://evil.example' } }), 403],
    ['a local web page', () => ({ headers: { ...json, origin: `http://127.0.0.1:${receiver.port}` } }), 403],
    ['a web page with a null origin', () => ({ headers: { ...json, origin: 'null' } }), 403],
    [
      'a CORS preflight request',
      () => ({ method: 'OPTIONS', headers: { origin: 'https://evil.example' }, body: '' }),
      403,
    ],
    ['another path', () => ({ path: '/metrics' }), 404],
    ['a path below a signal path', () => ({ path: '/v1/traces/x' }), 404],
    ['a path with dot segments', () => ({ path: '/v1/../v1/traces' }), 404],
    ['GET', () => ({ method: 'GET', body: '' }), 405],
    ['PUT', () => ({ method: 'PUT' }), 405],
    ['a content type of HTML forms', () => ({ headers: { 'content-type': 'text/plain' } }), 415],
    ['no content type', () => ({ headers: {} }), 415],
    ['a content type with a valid prefix', () => ({ headers: { 'content-type': 'application/jsonx' } }), 415],
    ['an unsupported compression', () => ({ headers: { ...json, 'content-encoding': 'br' } }), 415],
    [
      'a content length that is too large',
      () => ({ headers: { ...json, 'content-length': `${maxBodyBytes + 1}` } }),
      413,
    ],
    ['a body that is not compressed as declared', () => ({ headers: { ...json, 'content-encoding': 'gzip' } }), 400],
    ['a body in the other encoding', () => ({ headers: protobuf, body: encodeTraces(richSpans(), 'json') }), 400],
  ];
  for (const [what, override, status] of rejected) {
    it(`rejects ${what} with status ${status}`, async () => {
      const response = await send({ ...validRequest(), ...override() });
      assert.equal(response.status, status);
      assert.equal(batches.length, 0);
      // Only data from the user's programs counts as lost. Foreign requests are logged.
      const isDataLoss = [400, 413, 415].includes(status);
      assert.deepEqual([rejections.length, log.length], isDataLoss ? [1, 0] : [0, 1]);
      assert.equal(response.headers['access-control-allow-origin'], undefined);
      assert.equal((await send(validRequest())).status, 200);
      assert.equal(batches.length, 1, 'a valid request is accepted afterwards');
    });
  }

  it('has a test for each rule', () => {
    const tested = new Set([...rejected.map(([, , status]) => status), 401]);
    assert.deepEqual(
      rules.filter(({ status }) => !tested.has(status)),
      [],
    );
  });

  const accepted: readonly [string, () => PostRequest][] = [
    ['localhost', () => withHost(`LocalHost:${receiver.port}`)],
    ['the IPv6 loopback address', () => withHost(`[::1]:${receiver.port}`)],
    ['a content type with a charset', () => ({ headers: { 'content-type': 'Application/JSON; charset=utf-8' } })],
    ['a path with a query', () => ({ path: '/v1/traces?x=1' })],
  ];
  for (const [what, override] of accepted) {
    it(`accepts ${what}`, async () => assert.equal((await send({ ...validRequest(), ...override() })).status, 200));
  }

  it('listens only on the loopback address 127.0.0.1', async () => {
    assert.match(receiver.endpoint, /^http:\/\/127\.0\.0\.1:\d+$/);
    const socket = connect({ host: '127.0.0.2', port: receiver.port });
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    assert.equal(error.code, 'ECONNREFUSED');
  });

  it('requires the token if it has one', async () => {
    await receiver.close();
    await open({ requiresToken: true });
    const token = receiver.token ?? '';
    assert.match(token, /^[\da-f]{48}$/);
    const attempts: readonly [string | undefined, number][] = [
      [undefined, 401],
      ['', 401],
      [token, 401],
      [`Bearer ${token.slice(1)}`, 401],
      [`Bearer ${token}x`, 401],
      [`Bearer ${token}`, 200],
    ];
    for (const [authorization, status] of attempts) {
      const headers = authorization === undefined ? json : { ...json, authorization };
      const response = await send({ ...validRequest(), headers });
      assert.equal(response.status, status, authorization);
    }
    assert.equal(batches.length, 1);
    assert.deepEqual([log.length, rejections.length], [1, 0], 'the same message is logged once');
  });

  it('rejects a streamed body that becomes too large and stays available', async () => {
    const chunk = Buffer.alloc(1024 * 1024, 32);
    const clientRequest = request({
      host: '127.0.0.1',
      port: receiver.port,
      path: '/v1/traces',
      method: 'POST',
      headers: json,
    });
    const answered = once(clientRequest, 'response');
    clientRequest.on('error', () => undefined);
    for (let sent = 0; sent <= maxBodyBytes; sent += chunk.length) clientRequest.write(chunk);
    const [response] = (await answered) as [{ statusCode: number }];
    assert.equal(response.statusCode, 413);
    clientRequest.destroy();
    assert.equal((await send(validRequest())).status, 200);
  });

  it('rejects a small body that decompresses to a large one', async () => {
    const body = gzipSync(Buffer.alloc(maxBodyBytes + 1, 32));
    assert.ok(body.length < 100_000);
    const response = await send({ headers: { ...json, 'content-encoding': 'gzip' }, body });
    assert.equal(response.status, 413);
  });

  it('accepts a body of the maximum size', async () => {
    const body = Buffer.concat([Buffer.from('{'), Buffer.alloc(maxBodyBytes - 2, 32), Buffer.from('}')]);
    assert.equal((await send({ body })).status, 200);
    assert.equal((await send({ headers: { ...json, 'content-encoding': 'gzip' }, body: gzipSync(body) })).status, 200);
  });

  it('is not blocked by a sender that stalls or disconnects', async () => {
    const silent = connect({ host: '127.0.0.1', port: receiver.port });
    silent.on('error', () => undefined);
    await once(silent, 'connect');
    const head = `POST /v1/traces HTTP/1.1\r\nHost: 127.0.0.1:${receiver.port}\r\nContent-Type: application/json\r\n`;
    silent.write(`${head}Content-Length: 100\r\n\r\n{`);
    assert.equal((await send(validRequest())).status, 200);
    silent.destroy();
    assert.equal((await send(validRequest())).status, 200);
    assert.equal(callCount(), 6);
    const second = connect({ host: '127.0.0.1', port: receiver.port });
    second.on('error', () => undefined);
    await once(second, 'connect');
    second.write(`${head}Content-Length: 100\r\n\r\n{`);
    await sleep(50);
    await receiver.close();
    await open();
  });

  it('answers mutated bodies with status 200 or 400 and stays available', async () => {
    const body = encodeTraces(richSpans(), 'protobuf');
    const countsByStatus = new Map<number, number>();
    const change = fc.tuple(fc.integer({ min: 0, max: body.length - 1 }), fc.integer({ min: 0, max: 255 }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { minLength: 1, maxLength: 8 }),
        fc.boolean(),
        async (changes, isCompressed) => {
          const mutated = Buffer.from(body);
          for (const [index, byte] of changes) mutated[index] = byte;
          const response = await send({
            headers: isCompressed ? { ...protobuf, 'content-encoding': 'gzip' } : protobuf,
            body: isCompressed ? gzipSync(mutated) : mutated,
          });
          countsByStatus.set(response.status, (countsByStatus.get(response.status) ?? 0) + 1);
          if (response.status !== 200)
            assert.match(decodeStatus(response.body).message ?? '', /^The body is malformed: /);
        },
      ),
      { numRuns: 500 },
    );
    assert.deepEqual([...countsByStatus.keys()].sort(), [200, 400]);
    assert.ok(rejections.length >= (countsByStatus.get(400) ?? 0), 'each rejection is counted');
    assert.ok(batches.every(isBatch));
    const before = callCount();
    assert.equal((await send(validRequest())).status, 200);
    assert.equal(callCount(), before + 3);
  });

  it('fails with a message if the port is in use', async () => {
    const second = OtlpReceiver.open({ onBatch: () => undefined, onRejected: () => undefined, port: receiver.port });
    await assert.rejects(
      second,
      (error) => error instanceof HumanError && /Could not listen on port \d+/.test(error.message),
    );
  });
});
