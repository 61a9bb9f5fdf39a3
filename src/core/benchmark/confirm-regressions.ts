/** Confirms regressions against a report that was measured at another time, by a second series of runs. */
import type { Regression } from '../../protocol/panel/benchmark-state.ts';
import { type Comparison, type ComparisonRow, isSameOperation, summarizeVerdicts } from './comparison.ts';

/**
 * Returns the second comparison, in which only those regressions remain that the first one shows too. Everything else that
 * regressed becomes inconclusive.
 */
export function confirmRegressions(first: Comparison, second: Comparison): Comparison {
  const confirmed = keepRegressions(second, {
    hasRow: (row) => first.rows.some((other) => isSameRow(row, other) && isWorse(other)),
    hasErrors: ({ case: name }) => errorsIn(first).some((other) => other.case === name),
  });
  if (confirmed.verdict === 'regressed') return confirmed;
  const warning = `The first series of runs looked regressed, but the second did not (${confirmed.verdict}).`;
  return { ...confirmed, warnings: [...confirmed.warnings, warning] };
}

/** Returns a comparison without regressions, because no second series was measured to confirm them. */
export function withoutConfirmation(first: Comparison): Comparison {
  const comparison = keepRegressions(first, { hasRow: () => false, hasErrors: () => false });
  return {
    ...comparison,
    warnings: [...comparison.warnings, 'A second series of runs is needed to confirm a regression.'],
  };
}

/** Tells which regressions another series has shown. */
interface Confirmation {
  readonly hasRow: (row: ComparisonRow) => boolean;
  readonly hasErrors: (regression: Regression) => boolean;
}

function keepRegressions(comparison: Comparison, { hasRow, hasErrors }: Confirmation): Comparison {
  const rows = comparison.rows.map((row): ComparisonRow => {
    if (row.verdict !== 'regressed' || hasRow(row)) return row;
    const { severity: _, ...rest } = row;
    return { ...rest, verdict: 'inconclusive', reason: 'not confirmed by a second series of runs' };
  });
  const errors = errorsIn(comparison).filter(hasErrors);
  const declines = comparison.regressions.filter(({ type }) => type === 'trend_decline');
  return { ...comparison, rows, ...summarizeVerdicts(rows, errors, declines) };
}

function isWorse({ verdict }: ComparisonRow): boolean {
  return verdict === 'regressed' || verdict === 'slower';
}

function errorsIn({ regressions }: Comparison): readonly Regression[] {
  return regressions.filter(({ type }) => type === 'error_rate_increase');
}

function isSameRow(a: ComparisonRow, b: ComparisonRow): boolean {
  if (a.case !== b.case || a.measure !== b.measure) return false;
  return a.operation && b.operation ? isSameOperation(a.operation, b.operation) : !a.operation && !b.operation;
}
