import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { HumanError } from '../../../../src/core/human-error.ts';
import { contentTypes, type Encoding } from '../../../../src/node/otlp/decode/decode.ts';
import { protobufDecoder } from '../../../../src/node/otlp/decode/protobuf-decoder.ts';
import { Receiver, type ReceiverOptions } from '../../../../src/node/otlp/receive/otlp-receiver.ts';
import { longestBody, rules } from '../../../../src/node/otlp/receive/request-rules.ts';
import { isBatch } from '../../../../src/protocol/batch.ts';
import type { Batch } from '../../../../src/protocol/event.ts';
import { type Answered, post, type Sent } from '../post.ts';
import { metricsBody, richMetrics, richSpans, traceBody } from '../sender.ts';

const json = { 'content-type': contentTypes.json };
const protobuf = { 'content-type': contentTypes.protobuf };
const decodeStatus = protobufDecoder({ code: [1, 'uint32'], message: [2, 'text'] });

describe('the OTLP receiver', function () {
  this.timeout(60_000);
  let receiver: Receiver;
  let batches: Batch[];
  let faults: string[];
  let log: string[];

  async function open(options: Partial<ReceiverOptions> = {}): Promise<void> {
    [batches, faults, log] = [[], [], []];
    receiver = await Receiver.open({
      onBatch: (batch) => batches.push(batch),
      onFault: (what) => faults.push(what),
      log: (line) => log.push(line),
      ...options,
    });
  }
  beforeEach(() => open());
  afterEach(() => receiver.close());

  const send = (sent: Sent): Promise<Answered> => post(receiver.port, { headers: json, body: '{}', ...sent });

  const counted = (): number =>
    batches.flatMap(({ operations = [] }) => operations).reduce((sum, { count }) => sum + count, 0);

  for (const encoding of ['json', 'protobuf'] as const satisfies readonly Encoding[]) {
    const headers = { 'content-type': contentTypes[encoding] };

    it(`takes spans and metrics in ${encoding}, plain and packed, and answers in kind`, async () => {
      const spans = traceBody(richSpans(), encoding);
      const metrics = metricsBody(await richMetrics(), encoding);
      for (const [path, body] of [
        ['/v1/traces', spans],
        ['/v1/metrics', metrics],
      ] as const) {
        for (const packed of [false, true]) {
          const answer = await send({
            path,
            headers: packed ? { ...headers, 'content-encoding': 'gzip' } : headers,
            body: packed ? gzipSync(body) : body,
          });
          assert.equal(answer.status, 200);
          assert.equal(answer.headers['content-type'], contentTypes[encoding]);
          assert.equal(answer.body.toString(), encoding === 'json' ? '{}' : '');
        }
      }
      assert.ok(batches.every(isBatch));
      assert.deepEqual(
        batches.map(({ sequence }) => sequence),
        [0, 1, 2, 3],
      );
      // Twice three spans; twice six values in two histograms, whose running totals are the same the second time.
      assert.equal(counted(), 6 + 12);
      assert.deepEqual(faults, []);
    });

    it(`refuses in ${encoding} with a status of its own protocol`, async () => {
      const answer = await send({ headers, body: '\u0007' });
      assert.equal(answer.status, 400);
      assert.equal(answer.headers['content-type'], contentTypes[encoding]);
      const told =
        encoding === 'json' ? (JSON.parse(answer.body.toString()) as { message: string }) : decodeStatus(answer.body);
      assert.match(told.message ?? '', /^The body is malformed: .+\.$/);
    });

    it(`says in ${encoding} what it left out`, async () => {
      const body = `{"resourceSpans":[{"scopeSpans":[{"spans":[${Array(200).fill('{"name":"a"}').join()}]}]}]}`;
      const spans = Array(200).fill([0x12, 3, 0x2a, 1, 65]).flat() as number[];
      // Lengths of 1003 and 1000 bytes.
      const bytes = Buffer.from([10, 0xeb, 7, 0x12, 0xe8, 7, ...spans]);
      const answer = await send({ headers, body: encoding === 'json' ? body : bytes });
      assert.equal(answer.status, 200);
      if (encoding === 'json') {
        assert.equal(JSON.parse(answer.body.toString()).partialSuccess.rejectedSpans, '200');
      } else {
        const partial = protobufDecoder({ told: [1, { rejected: [1, 'int64'], message: [2, 'text'] }] });
        assert.equal(partial(answer.body).told?.rejected, 200);
        assert.match(partial(answer.body).told?.message ?? '', /without a start/);
      }
      assert.equal(faults.length, 1);
    });
  }

  it('takes logs and lets them go', async () => {
    const answer = await send({ path: '/v1/logs', body: '{"resourceLogs":[{}]}' });
    assert.equal(answer.status, 200);
    assert.deepEqual(batches, []);
  });

  const good = () => ({ body: traceBody(richSpans(), 'json') });
  const at = (host: string): Sent => ({ headers: { ...json, host } });
  const refused: readonly [string, () => Sent, number][] = [
    ['a name that was pointed here', () => at(`evil.example:${receiver.port}`), 421],
    ['our address without the port', () => at('127.0.0.1'), 421],
    ['our address with another port', () => at('127.0.0.1:1'), 421],
    ['a name that ends like ours', () => at(`evil.localhost:${receiver.port}`), 421],
    ['a name with a dot behind it', () => at(`localhost.:${receiver.port}`), 421],
    ['a foreign page', () => ({ headers: { ...json, origin: 'https://evil.example' } }), 403],
    ['a page of this machine', () => ({ headers: { ...json, origin: `http://127.0.0.1:${receiver.port}` } }), 403],
    ['a page without a place', () => ({ headers: { ...json, origin: 'null' } }), 403],
    [
      'a page that asks first',
      () => ({ method: 'OPTIONS', headers: { origin: 'https://evil.example' }, body: '' }),
      403,
    ],
    ['another path', () => ({ path: '/metrics' }), 404],
    ['a path below ours', () => ({ path: '/v1/traces/x' }), 404],
    ['a path of dots', () => ({ path: '/v1/../v1/traces' }), 404],
    ['GET', () => ({ method: 'GET', body: '' }), 405],
    ['PUT', () => ({ method: 'PUT' }), 405],
    ['the form of a page', () => ({ headers: { 'content-type': 'text/plain' } }), 415],
    ['no type', () => ({ headers: {} }), 415],
    ['a type that begins like ours', () => ({ headers: { 'content-type': 'application/jsonx' } }), 415],
    ['another packing', () => ({ headers: { ...json, 'content-encoding': 'br' } }), 415],
    ['an announced body too long', () => ({ headers: { ...json, 'content-length': `${longestBody + 1}` } }), 413],
    ['what is not packed as it says', () => ({ headers: { ...json, 'content-encoding': 'gzip' } }), 400],
    ['a body of the other encoding', () => ({ headers: protobuf, body: traceBody(richSpans(), 'json') }), 400],
  ];
  for (const [what, sent, status] of refused) {
    it(`answers ${status} to ${what}, and takes nothing`, async () => {
      const answer = await send({ ...good(), ...sent() });
      assert.equal(answer.status, status);
      assert.equal(batches.length, 0);
      // What a stranger sent is no loss; what a program of the user's sent is counted.
      const isLoss = [400, 413, 415].includes(status);
      assert.deepEqual([faults.length, log.length], isLoss ? [1, 0] : [0, 1]);
      assert.equal(answer.headers['access-control-allow-origin'], undefined);
      assert.equal((await send(good())).status, 200);
      assert.equal(batches.length, 1, 'what is in order is taken after it');
    });
  }

  it('has a test for every rule', () => {
    const tested = new Set([...refused.map(([, , status]) => status), 401]);
    assert.deepEqual(
      rules.filter(({ status }) => !tested.has(status)),
      [],
    );
  });

  const taken: readonly [string, () => Sent][] = [
    ['localhost', () => at(`LocalHost:${receiver.port}`)],
    ['the address of version 6', () => at(`[::1]:${receiver.port}`)],
    ['a type with a character set', () => ({ headers: { 'content-type': 'Application/JSON; charset=utf-8' } })],
    ['a path with a question', () => ({ path: '/v1/traces?x=1' })],
  ];
  for (const [what, sent] of taken) {
    it(`takes ${what}`, async () => assert.equal((await send({ ...good(), ...sent() })).status, 200));
  }

  it('listens on this machine alone', async () => {
    assert.match(receiver.endpoint, /^http:\/\/127\.0\.0\.1:\d+$/);
    const elsewhere = connect({ host: '127.0.0.2', port: receiver.port });
    const [error] = (await once(elsewhere, 'error')) as [NodeJS.ErrnoException];
    assert.equal(error.code, 'ECONNREFUSED');
  });

  it('asks for its token where it has one', async () => {
    await receiver.close();
    await open({ guarded: true });
    const token = receiver.token ?? '';
    assert.match(token, /^[\da-f]{48}$/);
    const given: readonly [string | undefined, number][] = [
      [undefined, 401],
      ['', 401],
      [token, 401],
      [`Bearer ${token.slice(1)}`, 401],
      [`Bearer ${token}x`, 401],
      [`Bearer ${token}`, 200],
    ];
    for (const [authorization, status] of given) {
      const headers = authorization === undefined ? json : { ...json, authorization };
      const answer = await send({ ...good(), headers });
      assert.equal(answer.status, status, authorization);
    }
    assert.equal(batches.length, 1);
    assert.deepEqual([log.length, faults.length], [1, 0], 'the same is told once');
  });

  it('refuses a body that grows too long while it comes, and lives on', async () => {
    const chunk = Buffer.alloc(1024 * 1024, 32);
    const sending = request({
      host: '127.0.0.1',
      port: receiver.port,
      path: '/v1/traces',
      method: 'POST',
      headers: json,
    });
    const answered = once(sending, 'response');
    sending.on('error', () => undefined);
    for (let sent = 0; sent <= longestBody; sent += chunk.length) sending.write(chunk);
    const [response] = (await answered) as [{ statusCode: number }];
    assert.equal(response.statusCode, 413);
    sending.destroy();
    assert.equal((await send(good())).status, 200);
  });

  it('refuses a small body that unpacks to a long one', async () => {
    const body = gzipSync(Buffer.alloc(longestBody + 1, 32));
    assert.ok(body.length < 100_000);
    const answer = await send({ headers: { ...json, 'content-encoding': 'gzip' }, body });
    assert.equal(answer.status, 413);
  });

  it('takes a body of nearly the longest length', async () => {
    const body = Buffer.concat([Buffer.from('{'), Buffer.alloc(longestBody - 2, 32), Buffer.from('}')]);
    assert.equal((await send({ body })).status, 200);
    assert.equal((await send({ headers: { ...json, 'content-encoding': 'gzip' }, body: gzipSync(body) })).status, 200);
  });

  it('is not held up by a sender that goes silent, nor by one that leaves', async () => {
    const silent = connect({ host: '127.0.0.1', port: receiver.port });
    silent.on('error', () => undefined);
    await once(silent, 'connect');
    const head = `POST /v1/traces HTTP/1.1\r\nHost: 127.0.0.1:${receiver.port}\r\nContent-Type: application/json\r\n`;
    silent.write(`${head}Content-Length: 100\r\n\r\n{`);
    assert.equal((await send(good())).status, 200);
    silent.destroy();
    assert.equal((await send(good())).status, 200);
    assert.equal(counted(), 6);
    const again = connect({ host: '127.0.0.1', port: receiver.port });
    again.on('error', () => undefined);
    await once(again, 'connect');
    again.write(`${head}Content-Length: 100\r\n\r\n{`);
    await sleep(50);
    await receiver.close();
    await open();
  });

  it('answers mutated bodies with 200 or 400, each with a sentence, and then takes a good one', async () => {
    const body = traceBody(richSpans(), 'protobuf');
    const seen = new Map<number, number>();
    const change = fc.tuple(fc.integer({ min: 0, max: body.length - 1 }), fc.integer({ min: 0, max: 255 }));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 8 }), fc.boolean(), async (changes, packed) => {
        const mutated = Buffer.from(body);
        for (const [index, byte] of changes) mutated[index] = byte;
        const answer = await send({
          headers: packed ? { ...protobuf, 'content-encoding': 'gzip' } : protobuf,
          body: packed ? gzipSync(mutated) : mutated,
        });
        seen.set(answer.status, (seen.get(answer.status) ?? 0) + 1);
        if (answer.status !== 200) assert.match(decodeStatus(answer.body).message ?? '', /^The body is malformed: /);
      }),
      { numRuns: 500 },
    );
    assert.deepEqual([...seen.keys()].sort(), [200, 400]);
    assert.ok(faults.length >= (seen.get(400) ?? 0), 'each is counted');
    assert.ok(batches.every(isBatch));
    const before = counted();
    assert.equal((await send(good())).status, 200);
    assert.equal(counted(), before + 3);
  });

  it('says in a sentence that a port is taken', async () => {
    const second = Receiver.open({ onBatch: () => undefined, onFault: () => undefined, port: receiver.port });
    await assert.rejects(
      second,
      (error) => error instanceof HumanError && /Port \d+ cannot be used/.test(error.message),
    );
  });
});
