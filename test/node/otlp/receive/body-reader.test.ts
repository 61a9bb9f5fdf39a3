import { strict as assert } from 'node:assert';
import type { IncomingMessage } from 'node:http';
import { PassThrough, Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { BodyReader } from '../../../../src/node/otlp/receive/body-reader.ts';
import { maxBodyBytes } from '../../../../src/node/otlp/receive/request-rules.ts';

function requestOf(stream: Readable, headers: IncomingMessage['headers'] = {}): IncomingMessage {
  return Object.assign(stream, { headers }) as unknown as IncomingMessage;
}

/** A body that has arrived except for its last byte. `end` sends that byte. */
function openBody(size: number): { readonly request: IncomingMessage; readonly end: () => void } {
  const stream = new PassThrough({ highWaterMark: maxBodyBytes });
  stream.write(Buffer.alloc(size - 1, 32));
  return { request: requestOf(stream), end: () => stream.end(' ') };
}

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

describe('BodyReader', () => {
  it('reads a body that arrives byte by byte into memory of about its size', async () => {
    const text = 'pipescope '.repeat(20_000);
    const bytes = Readable.from(
      (function* () {
        for (const byte of Buffer.from(text)) yield Buffer.from([byte]);
      })(),
    );
    const body = await new BodyReader().read(requestOf(bytes));
    assert.ok(body.kind === 'body' && body.bytes.toString() === text);
    assert.ok(body.kind === 'body' && body.bytes.buffer.byteLength <= 2 * text.length + 65_536);
  });

  it('refuses further bodies while four of the maximum size are open, and accepts them afterwards', async () => {
    const reader = new BodyReader();
    const bodies = Array.from({ length: 4 }, () => openBody(maxBodyBytes));
    const open = bodies.map(({ request }) => reader.read(request));
    await settle();
    assert.deepEqual(await reader.read(openBody(100_000).request), { kind: 'busy' });
    for (const { end } of bodies) end();
    assert.deepEqual(
      (await Promise.all(open)).map(({ kind }) => kind),
      ['body', 'body', 'body', 'body'],
    );
    const last = openBody(100_000);
    const read = reader.read(last.request);
    last.end();
    assert.equal((await read).kind, 'body');
  });

  it('releases the memory of senders that disconnect', async () => {
    const reader = new BodyReader();
    for (let times = 0; times < 6; times++) {
      const { request } = openBody(maxBodyBytes);
      const read = reader.read(request);
      await settle();
      request.destroy(new Error('aborted'));
      await assert.rejects(read);
    }
    const { request, end } = openBody(10);
    end();
    assert.equal((await reader.read(request)).kind, 'body');
  });

  it('decompresses one body after the other, and goes on after one that is damaged', async () => {
    const reader = new BodyReader();
    const gzip = { 'content-encoding': 'gzip' };
    const bodies = [gzipSync('a'), Buffer.from('damaged'), gzipSync(Buffer.alloc(maxBodyBytes + 1)), gzipSync('b')];
    const read = await Promise.allSettled(bodies.map((body) => reader.read(requestOf(Readable.from([body]), gzip))));
    assert.deepEqual(
      read.map((result) => (result.status === 'fulfilled' ? result.value.kind : result.status)),
      ['body', 'rejected', 'too-large', 'body'],
    );
  });
});
