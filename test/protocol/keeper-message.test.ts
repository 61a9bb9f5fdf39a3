import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { isControl } from '../../src/protocol/control.ts';
import { isKeeperMessage, type KeeperMessage, maxPieceLength } from '../../src/protocol/keeper-message.ts';

const messages: readonly KeeperMessage[] = [
  { type: 'started' },
  { type: 'started', pid: 12, environment: { NODE_OPTIONS: 'x'.repeat(10_000) } },
  { type: 'output', stream: 'stderr', at: 3, text: 'text' },
  { type: 'faults', times: 0, first: '' },
  { type: 'faults', times: 2, first: 'a lost batch', calls: 7, values: 1 },
  { type: 'clock', elapsedMs: 1234.5 },
  { type: 'ended', exitCode: 3, stderr: '', stopped: false },
  { type: 'ended', signal: 'SIGKILL', stderr: 'Error: x', stopped: true },
  { type: 'failed', message: 'Program not found.' },
];

const malformed: readonly [string, unknown][] = [
  ['an unknown type', { type: 'begun' }],
  ['a batch', { v: 1, source: '1.0', sequence: 0, atNs: 0, cost: { events: 0, flushNs: 0 } }],
  ['a process ID that is not an integer', { type: 'started', pid: 1.5 }],
  ['an environment variable that is a number', { type: 'started', environment: { PORT: 1 } }],
  ['output of an unknown stream', { type: 'output', stream: 'stdin', at: 0, text: '' }],
  ['output without a position', { type: 'output', stream: 'stdout', text: '' }],
  ['output that is too long', { type: 'output', stream: 'stdout', at: 0, text: 'x'.repeat(maxPieceLength + 1) }],
  ['a negative number of faults', { type: 'faults', times: -1, first: '' }],
  ['an end without the property stopped', { type: 'ended', exitCode: 0, stderr: '' }],
  ['a failure without a message', { type: 'failed' }],
];

describe('isKeeperMessage', () => {
  for (const message of messages)
    it(`accepts ${JSON.stringify(message).slice(0, 60)}`, () => assert.ok(isKeeperMessage(message)));
  for (const [name, value] of malformed) it(`rejects ${name}`, () => assert.equal(isKeeperMessage(value), false));

  it('never throws', () => {
    fc.assert(fc.property(fc.anything(), (value) => typeof isKeeperMessage(value) === 'boolean'));
  });
});

describe('isControl', () => {
  it('accepts only signals with a valid name', () => {
    assert.ok(isControl({ type: 'signal', name: 'SIGINT' }));
    for (const name of ['INT', 'SIG', 'SIGINT; rm', 9, undefined])
      assert.equal(isControl({ type: 'signal', name }), false);
  });
});
