import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { dirname } from 'node:path';
import {
  GuestListener,
  maxLineBytes,
  maxUnfinishedBytes,
  maxUntrusted,
  maxUntrustedBytes,
} from '../../../src/node/run/guest-listener.ts';
import { until } from '../../fixtures/wait.ts';

const batch = { v: 1, source: '1.0', sequence: 0, atNs: 0, cost: { events: 0, flushNs: 0 } };

/** Resolves when a connection is closed; unlike `once`, it does not reject if the connection fails. */
function waitForClose(guest: Socket): Promise<void> {
  return new Promise((resolve) => guest.once('close', () => resolve()));
}

describe('GuestListener', () => {
  let messages: unknown[];
  let faults: string[];
  let listener: GuestListener | undefined;
  const guests: Socket[] = [];

  async function open(network = false, maxGuests = 100): Promise<GuestListener> {
    [messages, faults] = [[], []];
    listener = await GuestListener.open({
      onMessage: (message) => messages.push(message),
      onFault: (what) => faults.push(what),
      greet: () => [{ type: 'flush' }],
      network,
      maxGuests,
    });
    return listener;
  }

  async function connectTo({ environment }: GuestListener): Promise<Socket> {
    const address = environment['PIPESCOPE_SOCKET'] ?? '';
    const [host, port] = address.split(':');
    const guest = host === '127.0.0.1' ? connect(Number(port), host) : connect(address);
    guest.on('error', () => undefined);
    guests.push(guest);
    await once(guest, 'connect');
    return guest;
  }

  afterEach(async () => {
    for (const guest of guests.splice(0)) guest.destroy();
    await listener?.close();
    listener = undefined;
  });

  it('sends the welcome message, then the greeting, and later broadcast messages', async () => {
    const opened = await open();
    const guest = await connectTo(opened);
    let received = '';
    guest.on('data', (text) => (received += text));
    await until(() => received.split('\n').length === 3);
    opened.broadcast({ type: 'stop' });
    await until(() => received.split('\n').length === 4);
    const [welcome, ...rest] = received
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.ok(welcome.type === 'welcome' && welcome.host.length > 10);
    assert.deepEqual(
      rest.map(({ type }) => type),
      ['flush', 'stop'],
    );
  });

  for (const network of [false, true]) {
    it(`receives data of a guest that has already closed its ${network ? 'network' : 'local'} connection`, async () => {
      const { environment } = await open(network);
      const { PIPESCOPE_SOCKET: address = '', PIPESCOPE_TOKEN: token } = environment;
      const hello = {
        pid: 1,
        threadId: 0,
        runtime: 'x',
        name: 'x',
        wallStartMs: 0,
        recordNs: 0,
        ...(token ? { token } : {}),
      };
      const line = `${JSON.stringify({ ...batch, hello })}\n`;
      const target = network ? { host: '127.0.0.1', port: Number(address.split(':')[1]) } : { path: address };
      const program = `require('node:net').connect(${JSON.stringify(target)}).write(${JSON.stringify(line)}, () => process.exit())`;
      // This blocks the event loop, so the guest has exited before the listener accepts its connection.
      for (let times = 0; times < 3; times++) assert.equal(spawnSync(process.execPath, ['-e', program]).status, 0);
      await until(() => messages.length === 3);
      assert.deepEqual(faults, []);
    });
  }

  it('joins lines from any chunks, even if characters of several bytes are split', async () => {
    const guest = await connectTo(await open());
    const sent = Array.from({ length: 50 }, (_, index) => ({ ...batch, sequence: index, text: `ä€😀${index}` }));
    const bytes = Buffer.from(`${sent.map((message) => JSON.stringify(message)).join('\n')}\n`);
    for (let start = 0; start < bytes.length; start += 7) guest.write(bytes.subarray(start, start + 7));
    await until(() => messages.length === 50);
    assert.deepEqual(messages, sent);
  });

  it('creates its socket in a folder that only the current user can enter', async () => {
    const { environment } = await open();
    assert.equal(statSync(dirname(environment['PIPESCOPE_SOCKET'] ?? '')).mode & 0o777, 0o700);
  });

  it('reports a line that is not JSON and continues', async () => {
    const guest = await connectTo(await open());
    guest.write(`nonsense\n\n${JSON.stringify(batch)}\n`);
    await until(() => messages.length === 1);
    assert.equal(faults.length, 1);
  });

  it('closes the connection if a line is too long', async () => {
    const guest = await connectTo(await open());
    const close = waitForClose(guest);
    guest.resume();
    const chunk = Buffer.alloc(1 << 20, 120);
    for (let sent = 0; sent <= maxLineBytes; sent += chunk.length) guest.write(chunk);
    await close;
    assert.deepEqual(faults, ['a line that is too long']);
    assert.deepEqual(messages, []);
  });

  it('requires the token on a network address and listens only on this machine', async () => {
    const opened = await open(true);
    const token = opened.environment['PIPESCOPE_TOKEN'];
    assert.match(opened.environment['PIPESCOPE_SOCKET'] ?? '', /^127\.0\.0\.1:\d+$/);
    const hello = { pid: 1, threadId: 0, runtime: 'x', name: 'x', wallStartMs: 0, recordNs: 0 };
    for (const wrong of [undefined, '', 'x', `${token}x`, token?.toUpperCase()]) {
      const stranger = await connectTo(opened);
      const close = waitForClose(stranger);
      stranger.resume();
      stranger.write(
        `${JSON.stringify({ ...batch, hello: { ...hello, ...(wrong === undefined ? {} : { token: wrong }) } })}\n`,
      );
      await close;
    }
    assert.deepEqual([messages.length, faults.length], [0, 5]);
    const guest = await connectTo(opened);
    guest.write(
      `${JSON.stringify({ ...batch, hello: { ...hello, token } })}\n${JSON.stringify({ ...batch, sequence: 1 })}\n`,
    );
    await until(() => messages.length === 2);
  });

  it('says nothing to a connection on a network address before it has shown the token', async () => {
    const opened = await open(true);
    const [stranger, guest] = [await connectTo(opened), await connectTo(opened)];
    let [receivedByStranger, received] = ['', ''];
    stranger.on('data', (text) => {
      receivedByStranger += text;
    });
    guest.on('data', (text) => {
      received += text;
    });
    opened.broadcast({ type: 'stop' });
    guest.write(`${JSON.stringify({ type: 'token', token: opened.environment['PIPESCOPE_TOKEN'] })}\n`);
    await until(() => received.includes('flush'));
    opened.broadcast({ type: 'flush' });
    await until(() => received.split('flush').length === 3);
    assert.equal(receivedByStranger, '');
    assert.ok(!received.includes('stop'), 'a message from before the token is not sent');
    assert.deepEqual([messages, faults, opened.guestCount], [[], [], 1]);
  });

  it('recognizes the token in a batch that is otherwise invalid', async () => {
    const opened = await open(true);
    const guest = await connectTo(opened);
    const token = opened.environment['PIPESCOPE_TOKEN'];
    guest.write(`${JSON.stringify({ ...batch, atNs: 'now', hello: { token } })}\n`);
    await until(() => messages.length === 1);
  });

  it('closes the oldest connections without a token, so that guests always get in', async () => {
    const opened = await open(true);
    const strangers: Socket[] = [];
    for (let index = 0; index < maxUntrusted + 10; index++) strangers.push((await connectTo(opened)).resume());
    const guest = await connectTo(opened);
    guest.write(
      `${JSON.stringify({ type: 'token', token: opened.environment['PIPESCOPE_TOKEN'] })}\n${JSON.stringify(batch)}\n`,
    );
    await until(() => messages.length === 1 && strangers.slice(0, 10).every(({ destroyed }) => destroyed));
    assert.ok(faults.length >= 10 && faults.every((fault) => fault === 'a connection that did not show the token'));
    assert.ok(strangers.slice(20).every(({ destroyed }) => !destroyed));
  });

  it('closes a connection that sends much without a token', async () => {
    const stranger = await connectTo(await open(true));
    const close = waitForClose(stranger.resume());
    stranger.write(Buffer.alloc(maxUntrustedBytes + 1, 120));
    await close;
    assert.deepEqual(faults, ['a connection that did not show the token']);
  });

  it('limits the memory of the unfinished lines of all guests', async () => {
    const opened = await open();
    const chunk = Buffer.alloc(maxLineBytes - 1, 120);
    const senders = await Promise.all(
      Array.from({ length: maxUnfinishedBytes / maxLineBytes + 1 }, () => connectTo(opened)),
    );
    for (const sender of senders) sender.resume().write(chunk);
    await until(() => faults.length === 1);
    assert.deepEqual(faults, ['a line that is too long beside those of other guests']);
    const guest = await connectTo(opened);
    guest.write(`${JSON.stringify(batch)}\n`);
    await until(() => messages.length === 1);
    assert.equal(opened.guestCount, senders.length);
  });

  it('reports a guest beyond the limit', async () => {
    const opened = await open(false, 1);
    const first = await connectTo(opened);
    await until(() => opened.guestCount === 1);
    const second = await connectTo(opened);
    await waitForClose(second.resume());
    assert.deepEqual(faults, ['a connection beyond the limit']);
    first.write(`${JSON.stringify(batch)}\n`);
    await until(() => messages.length === 1);
  });

  it('survives a guest that exits in the middle of a line', async () => {
    const opened = await open();
    const dying = await connectTo(opened);
    dying.write('{"v":1,');
    dying.destroy();
    const guest = await connectTo(opened);
    guest.write(`${JSON.stringify(batch)}\n`);
    await until(() => messages.length === 1);
    await until(() => opened.guestCount === 1);
  });
});
