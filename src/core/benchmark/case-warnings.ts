/** Lists the warnings of all cases of a report. */
import type { BenchReport } from './bench-report.ts';

/** Returns sentences that start with the name of their case, such as `cold: There are outliers.` */
export function caseWarnings({ cases }: BenchReport): readonly string[] {
  return cases.flatMap(({ name, warnings }) => warnings.map((warning) => `${name}: ${warning}`));
}
