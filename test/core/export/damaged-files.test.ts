/** Opens snapshots and reports that were damaged on purpose: each is refused with a sentence, or can be shown. */
import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { isBenchReport } from '../../../src/core/benchmark/bench-report.ts';
import { buildComparisonView } from '../../../src/core/benchmark/comparison-view.ts';
import { findDeclines, historyCases, toHistoryRun } from '../../../src/core/benchmark/history.ts';
import { benchFormats } from '../../../src/core/export/bench-formats.ts';
import { listNotices } from '../../../src/core/export/run-notices.ts';
import { formatSnapshotJson, parseSnapshotJson, readSnapshot } from '../../../src/core/export/snapshot-json.ts';
import { HumanError } from '../../../src/core/human-error.ts';
import { statusBarText } from '../../../src/editor/views/run-summary.ts';
import { formatSnapshotLine } from '../../../src/node/terminal/output/save-snapshot.ts';
import { formatProgress, formatSummary, formatTable } from '../../../src/node/terminal/output/snapshot-table.ts';
import type { Snapshot } from '../../../src/protocol/snapshot.ts';
import { compareNow, reportOf, runToEnd } from '../../fixtures/benchmark.ts';
import { snapshotAt } from '../../fixtures/snapshot.ts';

/** Values that a hand or a program may put into a JSON file. */
const oddValue = fc.oneof(
  fc.constantFrom(null, true, '', 'x', 0, -1, 1e308, 1.5, [], {}, [null], { a: null }, [[]], '\u001b[2J'),
  fc.constant(undefined),
);

/** Returns a copy in which the value at one of all paths is replaced; `undefined` removes it. */
function damage(value: unknown, choice: number, odd: unknown): unknown {
  const copy = JSON.parse(JSON.stringify(value));
  const places: { readonly parent: Record<string, unknown>; readonly key: string }[] = [];
  const visit = (parent: Record<string, unknown>): void => {
    for (const [key, child] of Object.entries(parent)) {
      places.push({ parent, key });
      if (typeof child === 'object' && child !== null) visit(child as Record<string, unknown>);
    }
  };
  visit(copy);
  const { parent, key } = places[choice % places.length] ?? assert.fail('nothing to damage');
  if (odd === undefined) delete parent[key];
  else parent[key] = odd;
  return copy;
}

function showEverywhere(snapshot: Snapshot): void {
  formatTable(snapshot);
  formatSummary(snapshot);
  formatProgress(snapshot);
  formatSnapshotLine(snapshot);
  listNotices(snapshot);
  for (const phase of ['idle', 'running'] as const)
    statusBarText({ phase, paused: false, problem: undefined, snapshot });
}

describe('a damaged snapshot file', () => {
  const sample = {
    ...snapshotAt(9),
    validation: { passed: 1, failed: 0, warned: 0, skipped: 0, checks: [], outcome: { verdict: 'ready', score: 90 } },
    notices: ['a'],
  };

  it('is opened if it is not damaged', () => {
    assert.deepEqual(parseSnapshotJson(formatSnapshotJson(sample as Snapshot)), JSON.parse(JSON.stringify(sample)));
  });

  it('is refused with a sentence, or can be shown everywhere', () => {
    let refusals = 0;
    const property = fc.property(fc.nat(), oddValue, (choice, odd) => {
      let snapshot: Snapshot;
      try {
        snapshot = readSnapshot(damage(sample, choice, odd));
      } catch (error) {
        assert.ok(error instanceof HumanError, String(error));
        refusals++;
        return;
      }
      showEverywhere(snapshot);
    });
    fc.assert(property, { numRuns: 400 });
    assert.ok(refusals > 50, `${refusals} refused`);
  });

  const validations: readonly [string, unknown][] = [
    ['a text', 'x'],
    ['null', null],
    ['checks that are not a list', { ...sample.validation, checks: 3 }],
    ['a check without an id', { ...sample.validation, checks: [{ status: 'pass' }] }],
  ];
  for (const [what, validation] of validations) {
    it(`is refused if its validation is or has ${what}`, () => {
      assert.throws(() => readSnapshot({ ...sample, validation }), /damaged in “validation”/);
    });
  }

  it('is refused if it is nested deeply, in a known property or in an unknown one', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const text = formatSnapshotJson(sample as Snapshot);
    for (const key of ['spans', 'unknown']) {
      const damaged = text.replace(/\}\s*$/, `, "${key}": ${deep}}`);
      assert.throws(
        () => parseSnapshotJson(damaged),
        (error) => error instanceof HumanError && /nested/.test(error.message),
      );
    }
  });
});

describe('a damaged benchmark report', () => {
  const samples = Array.from({ length: 12 }, (_, index) => 1e7 + index * 1e4);
  const plain = reportOf({ cold: samples }, { git: { commit: 'abc', branch: 'main', dirty: false } });
  const operation = { component: 'a', name: 'b', file: 'c', line: 1, source: 'measured', samplesNs: samples } as const;
  const counts = samples.map(() => 3);
  const full = {
    ...plain,
    cases: plain.cases.map((benchCase) => ({
      ...benchCase,
      userNs: samples,
      systemNs: samples,
      perSecond: samples,
      p95Ns: samples,
      errorRatios: samples.map(() => 0.1),
      operations: [{ ...operation, counts }],
    })),
  };

  it('is refused, or can be compared and written in every format', () => {
    let refusals = 0;
    const property = fc.property(fc.nat(), oddValue, (choice, odd) => {
      const baseline = damage(full, choice, odd);
      if (!isBenchReport(baseline)) {
        refusals++;
        return;
      }
      const comparison = compareNow(baseline, full);
      const against = { name: 'x', report: baseline, comparison };
      for (const { write } of benchFormats) write({ report: full, against });
      for (const { write } of benchFormats) write({ report: baseline });
      runToEnd(buildComparisonView({ name: 'x', baseline, candidate: full, comparison }));
      const runs = [toHistoryRun(baseline), toHistoryRun(full)];
      historyCases(runs);
      findDeclines(runs);
    });
    fc.assert(property, { numRuns: 60 });
    assert.ok(refusals > 10, `${refusals} refused`);
  });

  for (const key of ['machine', 'at', 'workspace', 'cases']) {
    it(`is refused without “${key}”`, () => {
      const { [key as 'at']: _, ...rest } = full;
      assert.equal(isBenchReport(rest), false);
    });
  }
});
