import { strict as assert } from 'node:assert';
import { codeSeriesKey } from '../../../src/protocol/code-times.ts';
import { recordProgram } from '../../fixtures/program-states.ts';

describe('series of the code', () => {
  it('add up to the CPU time of their groups, in whole and in part', () => {
    for (const [seconds, result] of [
      [20, 'running'],
      [20, 'success'],
    ] as const) {
      const { snapshot } = recordProgram(seconds, { files: 5 }, result);
      assert.ok(snapshot.code);
      for (const group of snapshot.code.groups) {
        const series = snapshot.series[codeSeriesKey(group)];
        assert.ok(series, group.name);
        const sumNs = series.values.reduce<number>((sum, value) => sum + (value ?? 0) * series.stepNs, 0);
        assert.ok(Math.abs(sumNs - group.cpuNs) < 1e-6 * group.cpuNs, `${group.name}: ${sumNs} of ${group.cpuNs}`);
      }
    }
  });

  it('cover the last minute while a program runs', () => {
    const { snapshot } = recordProgram(90);
    const [group] = snapshot.code?.groups ?? [];
    assert.ok(group);
    const { values, startNs, stepNs } = snapshot.series[codeSeriesKey(group)] ?? { values: [], startNs: 0, stepNs: 0 };
    assert.deepEqual([values.length, startNs, stepNs], [60, 30e9, 1e9]);
  });

  it('has a total that equals the stacks, without the profiler itself', () => {
    const { snapshot, recorder } = recordProgram(20);
    const stacksNs = (recorder.stacks()?.threads ?? [])
      .flatMap(({ nodes }) => nodes)
      .reduce((sum, node) => sum + node[3], 0);
    assert.ok(Math.abs((snapshot.code?.totalNs ?? 0) - stacksNs) < 1);
  });
});
