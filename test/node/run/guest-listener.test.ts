import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { Listener, longestLine } from '../../../src/node/run/guest-listener.ts';
import { until } from '../../fixtures/wait.ts';

const batch = { v: 1, source: '1.0', sequence: 0, atNs: 0, cost: { events: 0, flushNs: 0 } };

/** Unlike `once`, a connection that ends with an error has ended too. */
function closed(guest: Socket): Promise<void> {
  return new Promise((done) => guest.once('close', () => done()));
}

describe('listener', () => {
  let messages: unknown[];
  let faults: string[];
  let listener: Listener | undefined;
  const guests: Socket[] = [];

  async function open(network = false): Promise<Listener> {
    [messages, faults] = [[], []];
    listener = await Listener.open({
      onMessage: (message) => messages.push(message),
      onFault: (what) => faults.push(what),
      greet: () => [{ type: 'flush' }],
      network,
    });
    return listener;
  }

  async function guestOf({ environment }: Listener): Promise<Socket> {
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

  it('speaks first, greets, and later tells everyone', async () => {
    const open_ = await open();
    const guest = await guestOf(open_);
    let heard = '';
    guest.on('data', (text) => (heard += text));
    await until(() => heard.split('\n').length === 3);
    open_.tell({ type: 'stop' });
    await until(() => heard.split('\n').length === 4);
    const [welcome, ...rest] = heard
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
    it(`hears what had hung up before it was welcomed, ${network ? 'by network' : 'by local socket'}`, async () => {
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
      const where = network ? { host: '127.0.0.1', port: Number(address.split(':')[1]) } : { path: address };
      const program = `require('node:net').connect(${JSON.stringify(where)}).write(${JSON.stringify(line)}, () => process.exit())`;
      // It blocks this loop: the guest is gone before anyone looks.
      for (let times = 0; times < 3; times++) assert.equal(spawnSync(process.execPath, ['-e', program]).status, 0);
      await until(() => messages.length === 3);
      assert.deepEqual(faults, []);
    });
  }

  it('takes lines however they are cut, with letters of several bytes', async () => {
    const guest = await guestOf(await open());
    const sent = Array.from({ length: 50 }, (_, index) => ({ ...batch, sequence: index, text: `ä€😀${index}` }));
    const bytes = Buffer.from(`${sent.map((one) => JSON.stringify(one)).join('\n')}\n`);
    for (let from = 0; from < bytes.length; from += 7) guest.write(bytes.subarray(from, from + 7));
    await until(() => messages.length === 50);
    assert.deepEqual(messages, sent);
  });

  it('lets only its user in', async () => {
    const { environment } = await open();
    assert.equal(statSync(dirname(environment['PIPESCOPE_SOCKET'] ?? '')).mode & 0o777, 0o700);
  });

  it('counts a line that is no JSON and goes on', async () => {
    const guest = await guestOf(await open());
    guest.write(`nonsense\n\n${JSON.stringify(batch)}\n`);
    await until(() => messages.length === 1);
    assert.equal(faults.length, 1);
  });

  it('hangs up on a line that does not end', async () => {
    const guest = await guestOf(await open());
    const end = closed(guest);
    guest.resume();
    const chunk = Buffer.alloc(1 << 20, 120);
    for (let sent = 0; sent <= longestLine; sent += chunk.length) guest.write(chunk);
    await end;
    assert.deepEqual(faults, ['a line that is too long']);
    assert.deepEqual(messages, []);
  });

  it('wants the token on a network address, and is on this machine alone', async () => {
    const open_ = await open(true);
    const token = open_.environment['PIPESCOPE_TOKEN'];
    assert.match(open_.environment['PIPESCOPE_SOCKET'] ?? '', /^127\.0\.0\.1:\d+$/);
    const hello = { pid: 1, threadId: 0, runtime: 'x', name: 'x', wallStartMs: 0, recordNs: 0 };
    for (const wrong of [undefined, '', 'x', `${token}x`, token?.toUpperCase()]) {
      const stranger = await guestOf(open_);
      const end = closed(stranger);
      stranger.resume();
      stranger.write(
        `${JSON.stringify({ ...batch, hello: { ...hello, ...(wrong === undefined ? {} : { token: wrong }) } })}\n`,
      );
      await end;
    }
    assert.deepEqual([messages.length, faults.length], [0, 5]);
    const guest = await guestOf(open_);
    guest.write(
      `${JSON.stringify({ ...batch, hello: { ...hello, token } })}\n${JSON.stringify({ ...batch, sequence: 1 })}\n`,
    );
    await until(() => messages.length === 2);
  });

  it('outlives a guest that dies in the middle of a line', async () => {
    const open_ = await open();
    const dying = await guestOf(open_);
    dying.write('{"v":1,');
    dying.destroy();
    const guest = await guestOf(open_);
    guest.write(`${JSON.stringify(batch)}\n`);
    await until(() => messages.length === 1);
    await until(() => open_.guests === 1);
  });
});
