/** Looks at the words of a keeper as anything else that crosses a border: each is known, and nothing else is taken for one. */
import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { isControl } from '../../src/protocol/control.ts';
import { isKept, type Kept, longestPiece } from '../../src/protocol/keeper-message.ts';

const words: readonly Kept[] = [
  { type: 'started' },
  { type: 'started', pid: 12, environment: { NODE_OPTIONS: 'x'.repeat(10_000) } },
  { type: 'output', stream: 'stderr', at: 3, text: 'text' },
  { type: 'faults', times: 0, first: '' },
  { type: 'ended', exitCode: 3, stderr: '', stopped: false },
  { type: 'ended', signal: 'SIGKILL', stderr: 'Error: x', stopped: true },
  { type: 'failed', message: 'There is no such program.' },
];

const strangers: readonly [string, unknown][] = [
  ['a word that nobody knows', { type: 'begun' }],
  ['a batch', { v: 1, source: '1.0', sequence: 0, atNs: 0, cost: { events: 0, flushNs: 0 } }],
  ['half a process', { type: 'started', pid: 1.5 }],
  ['an environment of numbers', { type: 'started', environment: { PORT: 1 } }],
  ['output of a third stream', { type: 'output', stream: 'stdin', at: 0, text: '' }],
  ['output without its place', { type: 'output', stream: 'stdout', text: '' }],
  ['output without end', { type: 'output', stream: 'stdout', at: 0, text: 'x'.repeat(longestPiece + 1) }],
  ['faults below zero', { type: 'faults', times: -1, first: '' }],
  ['an end that does not say whether it was stopped', { type: 'ended', exitCode: 0, stderr: '' }],
  ['a failure without a sentence', { type: 'failed' }],
];

describe('the guard of a keeper’s words', () => {
  for (const word of words) it(`accepts ${JSON.stringify(word).slice(0, 60)}`, () => assert.ok(isKept(word)));
  for (const [what, value] of strangers) it(`rejects ${what}`, () => assert.equal(isKept(value), false));

  it('throws at nothing', () => {
    fc.assert(fc.property(fc.anything(), (value) => typeof isKept(value) === 'boolean'));
  });
});

describe('a signal for the program', () => {
  it('is told by its name, and by nothing else', () => {
    assert.ok(isControl({ type: 'signal', name: 'SIGINT' }));
    for (const name of ['INT', 'SIG', 'SIGINT; rm', 9, undefined])
      assert.equal(isControl({ type: 'signal', name }), false);
  });
});
