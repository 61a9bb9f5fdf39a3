import { strict as assert } from 'node:assert';
import { Outbox } from '../../../src/editor/panel/outbox.ts';

describe('Outbox', () => {
  let nowMs: number;
  let sent: string[];
  let outbox: Outbox<'state' | 'benchmarks'>;
  beforeEach(() => {
    nowMs = 0;
    sent = [];
    outbox = new Outbox((key) => sent.push(key), { now: () => nowMs });
  });

  it('sends one message of each kind at once and then waits until they are drawn', () => {
    outbox.request('benchmarks', 'state');
    for (let tick = 0; tick < 30; tick++) {
      nowMs += 250;
      outbox.request('state');
    }
    assert.deepEqual(sent, ['benchmarks', 'state']);
    outbox.acknowledge();
    assert.deepEqual(sent, ['benchmarks', 'state', 'state']);
  });

  it('sends nothing when a page draws again without a new message', () => {
    outbox.request('state');
    outbox.acknowledge();
    outbox.acknowledge();
    assert.deepEqual(sent, ['state']);
  });

  it('goes on after ten seconds without an answer, with one message for each ten seconds', () => {
    for (; nowMs < 60_000; nowMs += 250) outbox.request('state');
    assert.ok(sent.length > 1 && sent.length <= 6, `${sent.length} messages`);
  });

  it('sends at once again after the page was loaded anew', () => {
    outbox.request('state');
    outbox.request('state');
    outbox.reset();
    outbox.request('benchmarks', 'state');
    assert.deepEqual(sent, ['state', 'benchmarks', 'state']);
  });
});
