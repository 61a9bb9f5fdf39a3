/** The columns of the operations table: one row is one column, with its value to sort by and its text to read. */
import { duration, share, timing, unknown, whole } from '../../../src/core/format.ts';
import type { OperationState } from '../../../src/protocol/snapshot.ts';

export interface Column {
  readonly id: string;
  readonly title: string;
  /** What the title leaves open. */
  readonly help?: string;
  readonly align: 'start' | 'end';
  /** What rows are sorted by; `undefined` stands last either way. */
  readonly value: (operation: OperationState) => number | string | undefined;
  readonly text: (operation: OperationState) => string;
}

export const columns: readonly Column[] = [
  {
    id: 'operation',
    title: 'operation',
    align: 'start',
    value: ({ name }) => name,
    text: ({ name, source }) => `${about(source)}${name}`,
  },
  {
    id: 'component',
    title: 'component',
    align: 'start',
    value: ({ component }) => component,
    text: ({ component, source }) => (source === 'measured' ? component : `${component} · ${source}`),
  },
  {
    ...number('calls', 'calls', ({ count }) => count, whole),
    text: callsText,
    help: '≥: counting was given up, since it cost too much',
  },
  number('total', 'total', ({ totalNs }) => totalNs, duration),
  number('own', 'own', ownNs, duration, 'Own time: the total less what measured operations inside it took'),
  number('p50', 'p50', ({ p50Ns }) => p50Ns, timing),
  number('p95', 'p95', ({ p95Ns }) => p95Ns, timing),
  number('p99', 'p99', ({ p99Ns }) => p99Ns, timing),
  number('max', 'max', ({ maxNs }) => maxNs, timing),
  number('hits', 'hits', hitRatio, share, 'Cache hits, of all lookups'),
  number('errors', 'errors', ({ errors }) => errors, whole),
];

/** Time spent in the operation itself, where nesting is known. */
export function ownNs({ selfNs, totalNs }: OperationState): number {
  return selfNs ?? totalNs;
}

/** The operations that hold the text in their name, component or file, in the order of one column. */
export function arrange(
  operations: readonly OperationState[],
  filter: string,
  sort: { readonly column: string; readonly descending: boolean },
): readonly OperationState[] {
  const wanted = filter.trim().toLowerCase();
  const found = operations.filter(({ name, component, file = '' }) =>
    [name, component, file].some((text) => text.toLowerCase().includes(wanted)),
  );
  const column = columns.find(({ id }) => id === sort.column);
  return column ? found.toSorted((a, b) => compare(column.value(a), column.value(b), sort.descending)) : found;
}

function number(
  id: string,
  title: string,
  value: (operation: OperationState) => number | undefined,
  form: (value: number | undefined) => string,
  help?: string,
): Column {
  const text = (operation: OperationState) => {
    const formed = form(value(operation));
    return formed === unknown ? formed : `${about(operation.source)}${formed}`;
  };
  return { id, title, ...(help ? { help } : {}), align: 'end', value, text };
}

/** Calls are counted or not known at all; how many of them were timed does not matter here. */
function callsText({ count, partial, source }: OperationState): string {
  if (source === 'sampled') return count > 0 ? `~${whole(count)}` : unknown;
  return partial ? `≥ ${whole(count)}` : whole(count);
}

/** A number that was not measured says so. */
function about(source: OperationState['source']): string {
  return source === 'measured' ? '' : '~';
}

function hitRatio({ cacheHits, cacheMisses }: OperationState): number | undefined {
  const lookups = cacheHits + cacheMisses;
  return lookups > 0 ? cacheHits / lookups : undefined;
}

type Value = number | string | undefined;

function compare(a: Value, b: Value, descending: boolean): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  const order = typeof a === 'string' || typeof b === 'string' ? byText(String(a), String(b)) : a - b;
  return descending ? -order : order;
}

function byText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
