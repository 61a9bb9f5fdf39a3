import { strict as assert } from 'node:assert';
import { limitSnapshot } from '../../../src/editor/panel/limit-snapshot.ts';
import type { SpanState } from '../../../src/protocol/snapshot.ts';
import { snapshotAt } from '../../fixtures/snapshot.ts';

const span: SpanState = { source: '1.0', component: 'a', name: 'b', startNs: 0, durationNs: 1 };

describe('limitSnapshot', () => {
  it('changes nothing in an ordinary snapshot', () => {
    const snapshot = snapshotAt(9);
    assert.deepEqual(limitSnapshot(snapshot), snapshot);
  });

  it('bounds the details of spans however many and long they are, and keeps every span and the original', () => {
    const attributes = { body: 'x'.repeat(40_000), size: 40_000, ['k'.repeat(4000)]: true };
    const spans = Array.from({ length: 5000 }, (_, index) => ({
      ...span,
      startNs: index,
      attributes,
      error: 'e'.repeat(9000),
    }));
    const snapshot = { ...snapshotAt(9), spans };
    const limited = limitSnapshot(snapshot);
    assert.equal(limited.spans.length, 5000);
    assert.ok(JSON.stringify(limited.spans).length < 2e6);
    assert.ok(limited.spans.every(({ error }) => error !== undefined));
    assert.equal(String(limited.spans[0]?.attributes?.['body']).length, 501);
    assert.equal(snapshot.spans[0]?.attributes['body'].length, 40_000);
  });
});
