/** Columns of the operations table, each with its sort value and its text. */
import { duration, missing, share, timing, whole } from '../../../src/core/format.ts';
import { profilerComponent } from '../../../src/core/snapshot/foreign-component.ts';
import type { OperationState, Snapshot } from '../../../src/protocol/snapshot.ts';

export interface OperationColumn {
  readonly id: string;
  readonly title: string;
  /** Tooltip that explains the title. */
  readonly help?: string;
  readonly align: 'start' | 'end';
  /** Returns the value to sort by. Rows with undefined come last in either direction. */
  readonly value: (operation: OperationState) => number | string | undefined;
  readonly text: (operation: OperationState) => string;
}

export const operationColumns: readonly OperationColumn[] = [
  {
    id: 'operation',
    title: 'operation',
    align: 'start',
    value: ({ name }) => name,
    text: ({ name, source }) => `${approximateMark(source)}${name}`,
  },
  {
    id: 'component',
    title: 'component',
    align: 'start',
    value: ({ component }) => component,
    text: ({ component, source }) => (source === 'measured' ? component : `${component} · ${source}`),
  },
  {
    ...numberColumn('calls', 'calls', ({ count }) => count, whole),
    text: formatCalls,
    help: '≥: counting was stopped to limit overhead',
  },
  numberColumn('total', 'total', ({ totalNs }) => totalNs, duration),
  numberColumn(
    'own',
    'self',
    ({ selfNs }) => selfNs,
    duration,
    'Self time: time in which the code of the operation itself ran, without operations inside and without waiting',
  ),
  numberColumn('p50', 'p50', ({ p50Ns }) => p50Ns, timing),
  numberColumn('p95', 'p95', ({ p95Ns }) => p95Ns, timing),
  numberColumn('p99', 'p99', ({ p99Ns }) => p99Ns, timing),
  numberColumn('max', 'max', ({ maxNs }) => maxNs, timing),
  numberColumn('hits', 'hits', hitRatio, share, 'Cache hit ratio'),
  numberColumn('errors', 'errors', ({ errors }) => errors, whole),
];

export interface Sort {
  /** Id of a column. Rows keep their order if the table has no such column. */
  readonly column: string;
  readonly descending: boolean;
}

/**
 * Returns the order before the user selects one. Stages of a pipeline are ranked by total time. In other programs, functions
 * that only call others would lead then, so self time decides.
 */
export function defaultSortOf({ run }: Pick<Snapshot, 'run'>): Sort {
  return { column: run.unit ? 'total' : 'own', descending: true };
}

/**
 * Returns the operations whose name, component or file contains the filter text, sorted by one column. The profiler's own code
 * is last in either direction.
 */
export function filterAndSort(
  operations: readonly OperationState[],
  filter: string,
  sort: Sort,
): readonly OperationState[] {
  const query = filter.trim().toLowerCase();
  const matches = operations.filter(({ name, component, file = '' }) =>
    [name, component, file].some((text) => text.toLowerCase().includes(query)),
  );
  const column = operationColumns.find(({ id }) => id === sort.column);
  if (!column) return matches;
  return matches.toSorted((a, b) => {
    const isProfiler = Number(a.component === profilerComponent) - Number(b.component === profilerComponent);
    return isProfiler || compare(column.value(a), column.value(b), sort.descending);
  });
}

function numberColumn(
  id: string,
  title: string,
  value: (operation: OperationState) => number | undefined,
  format: (value: number | undefined) => string,
  help?: string,
): OperationColumn {
  const text = (operation: OperationState) => {
    const formatted = format(value(operation));
    return formatted === missing ? formatted : `${approximateMark(operation.source)}${formatted}`;
  };
  return { id, title, ...(help ? { help } : {}), align: 'end', value, text };
}

/** Formats the number of calls, which is exact, a lower bound (`≥`) or, for sampled operations, approximate or missing. */
function formatCalls({ count, partial, source }: OperationState): string {
  if (source === 'sampled') return count > 0 ? `~${whole(count)}` : missing;
  return partial ? `≥ ${whole(count)}` : whole(count);
}

/** Returns the prefix of values that were not measured. */
function approximateMark(source: OperationState['source']): string {
  return source === 'measured' ? '' : '~';
}

function hitRatio({ cacheHits, cacheMisses }: OperationState): number | undefined {
  const lookups = cacheHits + cacheMisses;
  return lookups > 0 ? cacheHits / lookups : undefined;
}

type Value = number | string | undefined;

function compare(a: Value, b: Value, descending: boolean): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  const order = typeof a === 'string' || typeof b === 'string' ? compareText(String(a), String(b)) : a - b;
  return descending ? -order : order;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
