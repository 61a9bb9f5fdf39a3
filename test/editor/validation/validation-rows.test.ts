import { strict as assert } from 'node:assert';
import { validationRows } from '../../../src/editor/validation/validation-rows.ts';
import type { Snapshot } from '../../../src/protocol/snapshot.ts';
import { report } from '../../fixtures/report.ts';
import { snapshotAt } from '../../fixtures/snapshot.ts';

describe('validation rows', () => {
  const detection = snapshotAt(30);
  const [component] = detection.components;
  assert.ok(component);
  const run = { ...detection.run, pipeline: 'validation', title: 'Validation' };
  const running: Snapshot = {
    ...detection,
    run: { ...run, result: 'running' },
    components: [{ ...component, name: 'safety', light: 'error', reason: '1 check failed' }, component],
    validation: {
      ...{ passed: 1, failed: 1, warned: 1, skipped: 2 },
      checks: [
        { id: 'SAF_BIDI', category: 'safety', status: 'pass', durationNs: 2e6 },
        { id: 'SAF_SECRETS', category: 'safety', status: 'fail', durationNs: 5e6 },
        { id: 'SAF_DEBUG', category: 'safety', status: 'warn', durationNs: 4e6 },
        { id: 'SAF_LICENSES', category: 'safety', status: 'skip', crashed: true, durationNs: 3e6 },
      ],
    },
  };

  it('show the checks that have ended while a validation runs, slowest first', () => {
    const rows = validationRows({ snapshot: running }, { report: report(), isBusy: true });
    assert.deepEqual(
      rows.map(({ label, description }) => [label, description]),
      [
        ['Validating', '4 checks done'],
        ['safety', 'error · 1 check failed'],
      ],
    );
    assert.deepEqual(
      rows[1]?.rows?.map(({ label, description }) => [label, description]),
      [
        ['SAF_SECRETS', 'failed · 5.0 ms'],
        ['SAF_DEBUG', 'warning · 4.0 ms'],
        ['SAF_LICENSES', 'skipped · 3.0 ms'],
        ['SAF_BIDI', 'passed · 2.0 ms'],
      ],
    );
  });

  it('show how a validation without a report ended', () => {
    const stopped: Snapshot = { ...running, run: { ...run, result: 'cancellation', message: 'Stopped.' } };
    const [only, ...others] = validationRows({ snapshot: stopped }, { report: undefined, isBusy: false });
    assert.equal(only?.label, 'No result');
    assert.equal(only?.description, 'Stopped.');
    assert.equal(others.length, 0);
  });

  it('keep the latest report while another pipeline runs, and are empty without a report', () => {
    const none = { report: undefined, isBusy: false };
    assert.equal(validationRows({ snapshot: detection }, { ...none, report: report() })[0]?.label, 'Not ready');
    assert.deepEqual(validationRows({ snapshot: detection }, none), []);
    assert.deepEqual(validationRows({ snapshot: undefined }, none), []);
  });
});
