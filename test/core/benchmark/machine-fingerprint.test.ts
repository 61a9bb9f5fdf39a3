import { strict as assert } from 'node:assert';
import type { Machine } from '../../../src/core/benchmark/bench-report.ts';
import { describeMachineDifference, machineFingerprint } from '../../../src/core/benchmark/machine-fingerprint.ts';

const machine: Machine = { platform: 'linux 6.1 x64', cpu: 'cpu', cores: 4, memoryBytes: 1e9, node: '24.1.0', load: 0 };

describe('the fingerprint of a machine', () => {
  it('names what changes times, and leaves out a governor that the machine does not report', () => {
    assert.equal(machineFingerprint(machine), 'cpu, 4 cores, Node 24.1.0');
    assert.equal(machineFingerprint({ ...machine, governor: 'powersave' }), 'cpu, 4 cores, Node 24.1.0, powersave');
  });

  it('is the same for another kernel, load and size of memory', () => {
    const later = { ...machine, platform: 'linux 6.12 x64', load: 3, memoryBytes: 2e9 };
    assert.equal(machineFingerprint(later), machineFingerprint(machine));
    assert.equal(describeMachineDifference(machine, later), undefined);
  });

  const differences: readonly [string, Partial<Machine>, RegExp][] = [
    ['another processor', { cpu: 'other' }, /^it comes from another machine \(cpu, 4 cores, linux x64\)$/],
    ['other cores', { cores: 8 }, /another machine/],
    ['another system', { platform: 'darwin 6.1 x64' }, /another machine/],
    ['another architecture', { platform: 'linux 6.1 arm64' }, /another machine/],
    ['another runtime', { node: '24.2.0' }, /^it ran on Node 24\.1\.0, the candidate on 24\.2\.0$/],
    ['another governor', { governor: 'powersave' }, /^the CPU frequency governor has changed$/],
  ];
  for (const [difference, changes, reason] of differences) {
    it(`does not allow a comparison with ${difference}`, () => {
      assert.match(describeMachineDifference(machine, { ...machine, ...changes }) ?? '', reason);
    });
  }
});
