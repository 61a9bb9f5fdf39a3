/** Checks the names of reporters without sockets; `reporter-names.slow.test.ts` runs real ones. */
import { strict as assert } from 'node:assert';
import { ReporterNames } from '../../../../src/node/run/guests/reporter-names.ts';

/** Sends a batch and returns the name that it gets. */
function sender(names: ReporterNames) {
  return (
    connection: object,
    source: string,
    sequence: number,
    more: Readonly<Record<string, unknown>> = {},
  ): unknown => (names.rename({ source, sequence, ...more }, connection) as { readonly source: unknown }).source;
}

const hello = (changes: Readonly<Record<string, unknown>> = {}) => ({ hello: { wallStartMs: 5, ...changes } });

describe('ReporterNames', () => {
  it('leaves a message unchanged that is not a batch of a source', () => {
    const names = new ReporterNames();
    for (const message of [undefined, 3, [], {}, { source: 7, sequence: 0 }, { source: '1.0', sequence: 1.5 }]) {
      assert.equal(names.rename(message, {}), message);
    }
    const batch = { source: '1.0', sequence: 0 };
    assert.equal(names.rename(batch, {}), batch);
    assert.notEqual(names.rename(batch, {}), batch);
  });

  it('gives each connection its name for as long as it is connected', () => {
    const send = sender(new ReporterNames());
    const [first, second] = [{}, {}];
    assert.equal(send(first, '1.0', 0, hello()), '1.0');
    assert.equal(send(second, '1.0', 0, hello({ wallStartMs: 9 })), '1.0/2');
    assert.deepEqual([send(second, '1.0', 1), send(first, '1.0', 1)], ['1.0/2', '1.0']);
    assert.equal(send(second, '1.1', 0, hello()), '1.1');
  });

  it('recognizes an instance on any connection, and a reporter without one after its connection has broken', () => {
    const names = new ReporterNames();
    const send = sender(names);
    const [first, second, third] = [{}, {}, {}];
    send(first, '1.0', 0, hello({ instance: 'a' }));
    assert.equal(send(second, '1.0', 0, hello({ instance: 'b' })), '1.0/2');
    assert.equal(send(third, '1.0', 0, hello({ instance: 'a' })), '1.0');
    send(first, '2.0', 0, hello());
    assert.equal(send(second, '2.0', 3), '2.0', 'in the middle of a sequence');
    names.disconnect(second);
    assert.equal(send(third, '2.0', 0, hello()), '2.0');
  });

  it('gives the name of a process to the program that it executes, and another one to a further reporter', () => {
    const names = new ReporterNames();
    const send = sender(names);
    const [first, executed, further] = [{}, {}, {}];
    send(first, '1.0', 0, { ...hello(), bye: {} });
    names.disconnect(first);
    assert.equal(send(executed, '1.0', 0, { ...hello({ wallStartMs: 9 }), bye: {} }), '1.0');
    names.disconnect(executed);
    assert.equal(send(further, '1.0', 0, hello({ wallStartMs: 9 })), '1.0/3');
  });

  it('does not take a reporter without an instance for one that has an instance', () => {
    const names = new ReporterNames();
    const send = sender(names);
    const [first, second] = [{}, {}];
    send(first, '1.0', 0, hello({ instance: 'a' }));
    names.disconnect(first);
    assert.equal(send(second, '1.0', 0, hello()), '1.0/2');
  });

  it('forgets a reporter that has ended if there are too many, but none that may still send', () => {
    const names = new ReporterNames();
    const send = sender(names);
    const [ending, running, broken, ended] = [{}, {}, {}, {}];
    send(ending, 'ending', 0, { ...hello(), bye: {} });
    send(running, 'running', 0, hello());
    send(broken, 'broken', 0, hello({ instance: 'a' }));
    names.disconnect(broken);
    send(ended, 'ended', 0, { ...hello(), bye: {} });
    names.disconnect(ended);
    // A source with an ended reporter and a running one is kept as well.
    const [old, young] = [{}, {}];
    send(old, 'both', 0, { ...hello(), bye: {} });
    names.disconnect(old);
    assert.equal(send(young, 'both', 0, hello()), 'both/2');
    for (let index = 0; index < 19_996; index++) send(running, `${index}`, 0, hello());
    const again = (source: string): unknown => send({}, source, 0, hello());
    assert.equal(again('ended'), 'ended', 'is forgotten, so the name is free');
    assert.equal(again('both'), 'both/3');
    assert.equal(again('ending'), 'ending/2');
    assert.equal(again('running'), 'running/2');
    assert.equal(send({}, 'broken', 0, hello({ instance: 'b' })), 'broken/2');
  });
});
