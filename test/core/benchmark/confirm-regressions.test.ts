/** Compares two series of runs with the same baseline: only what both show is a regression. */
import { strict as assert } from 'node:assert';
import { confirmRegressions, withoutConfirmation } from '../../../src/core/benchmark/confirm-regressions.ts';
import { type ProfiledSample, type RunSample, summarizeCase } from '../../../src/core/benchmark/summarize-case.ts';
import { seededRandom } from '../../../src/core/statistics/statistics.ts';
import { compareNow, reportOf } from '../../fixtures/benchmark.ts';

const random = seededRandom(9);
const about = (level: number): number => level * (1 + 0.02 * (random() - 0.5));

interface Levels {
  readonly wallNs?: number;
  readonly peakRssBytes?: number;
  readonly callNs?: number;
  readonly errorRatio?: number;
}

function series({ wallNs = 1e9, peakRssBytes = 1e8, callNs = 1e6, errorRatio = 0 }: Levels) {
  const samples = Array.from({ length: 15 }, (): RunSample & ProfiledSample => {
    const valueNs = about(callNs);
    const operation = {
      component: 'part',
      name: 'work',
      source: 'measured' as const,
      valueNs,
      totalNs: valueNs,
      count: 1,
    };
    return { wallNs: about(wallNs), peakRssBytes: about(peakRssBytes), errorRatio, operations: [operation] };
  });
  return { ...reportOf({}), cases: [summarizeCase('run', samples, samples)] };
}

const baseline = series({});
const compared = (levels: Levels) => compareNow(baseline, series(levels));

describe('a regression against an earlier report', () => {
  it('remains if both series show it', () => {
    const { verdict, regressions } = confirmRegressions(compared({ wallNs: 1.5e9 }), compared({ wallNs: 1.5e9 }));
    assert.equal(verdict, 'regressed');
    assert.deepEqual(
      regressions.map(({ type }) => type),
      ['latency_increase'],
    );
  });

  it('remains if the first series shows the same change, but smaller', () => {
    assert.equal(confirmRegressions(compared({ wallNs: 1.15e9 }), compared({ wallNs: 1.5e9 })).verdict, 'regressed');
  });

  const unconfirmed: readonly [string, Levels, Levels][] = [
    ['the first series shows another measure only', { wallNs: 1.5e9 }, { peakRssBytes: 1.5e8 }],
    ['the first series shows an operation only', { callNs: 2e6 }, { wallNs: 1.5e9 }],
    ['the first series shows failed calls only', { errorRatio: 0.2 }, { callNs: 2e6 }],
    ['the second series does not show it', { wallNs: 1.5e9 }, {}],
  ];
  for (const [reason, first, second] of unconfirmed) {
    it(`is dropped if ${reason}`, () => {
      assert.equal(compared(first).verdict, 'regressed');
      const { verdict, regressions, rows, warnings } = confirmRegressions(compared(first), compared(second));
      assert.notEqual(verdict, 'regressed');
      assert.deepEqual(regressions, []);
      assert.ok(rows.every((row) => row.verdict !== 'regressed' && row.severity === undefined));
      assert.match(warnings.at(-1) ?? '', /first series of runs looked regressed, but the second did not/);
    });
  }

  it('is inconclusive if no second series was measured', () => {
    const { verdict, regressions, rows } = withoutConfirmation(compared({ wallNs: 1.5e9 }));
    assert.equal(verdict, 'inconclusive');
    assert.deepEqual(regressions, []);
    assert.match(rows[0]?.reason ?? '', /not confirmed/);
  });
});
