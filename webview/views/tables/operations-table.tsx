/** Sortable and filterable table of all operations. Each name is a link to its function in the editor. */
import { signal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { missing, share, whole } from '../../../src/core/format.ts';
import { sumSelfNs } from '../../../src/core/snapshot/operation-times.ts';
import type { OperationState, Snapshot } from '../../../src/protocol/snapshot.ts';
import { filter, sort as selectedSort } from '../../ui-state.ts';
import { DataTable, type TableColumn } from './data-table.tsx';
import {
  defaultSortOf,
  filterAndSort,
  type OperationColumn,
  operationColumns,
  type Sort,
} from './operation-columns.ts';
import { initialRowCount, moveRowFocus, ShareBar, ShowMore, SourceLink } from './table-cells.tsx';

const showsAll = signal(false);

export function OperationsTable({ snapshot }: { readonly snapshot: Snapshot }) {
  const { operations, operationsOmitted } = snapshot;
  const sort = selectedSort.value ?? defaultSortOf(snapshot);
  const sorted = useStableOrder(filterAndSort(operations, filter.value, sort), sort);
  const rows = showsAll.value ? sorted.operations : sorted.operations.slice(0, initialRowCount);
  const sumNs = sumSelfNs(operations);
  return (
    <>
      <div class="scroll">
        <DataTable
          class="grid operations"
          aria-label="Operations"
          onPointerEnter={sorted.hold}
          onPointerLeave={sorted.release}
          onKeyDown={moveRowFocus}
          columns={operationColumns.map((column) => toTableColumn(column, sumNs, sort))}
          rows={rows}
          rowKey={keyOf}
        />
      </div>
      {rows.length === 0 && (
        <p class="hint">
          {filter.value ? `No operations match “${filter.value}”. Change the filter.` : 'No operations recorded yet.'}
        </p>
      )}
      <ShowMore hidden={sorted.operations.length - rows.length} showsAll={showsAll} />
      {operationsOmitted > 0 && (
        <p class="hint">{whole(operationsOmitted)} more operations. Export the snapshot to see all.</p>
      )}
    </>
  );
}

function toTableColumn(column: OperationColumn, sumNs: number, sort: Sort): TableColumn<OperationState> {
  const { id, title, align, help, text } = column;
  const common = {
    id,
    title,
    align,
    help,
    header: () => <SortHeader key={id} column={column} sort={sort} />,
    cell: text,
  };
  switch (id) {
    case 'operation':
      return {
        ...common,
        cell: (operation) => <SourceLink file={operation.file} line={operation.line} text={text(operation)} />,
      };
    case 'own':
      return {
        ...common,
        cell: ({ selfNs }) => (selfNs === undefined ? missing : <SelfShare ratio={sumNs > 0 ? selfNs / sumNs : 0} />),
        cellProps: (operation) => ({ class: 'share', title: `${text(operation)} self time` }),
      };
    case 'errors':
      return { ...common, cellProps: ({ errors }) => (errors > 0 ? { class: 'bad' } : {}) };
    default:
      return common;
  }
}

function SelfShare({ ratio }: { readonly ratio: number }) {
  return (
    <>
      <ShareBar ratio={ratio} />
      <span>{share(ratio)}</span>
    </>
  );
}

function SortHeader({
  column: { id, title, help, align },
  sort: { column, descending },
}: {
  readonly column: OperationColumn;
  readonly sort: Sort;
}) {
  const isSorted = column === id;
  return (
    <th scope="col" class={align} aria-sort={isSorted ? (descending ? 'descending' : 'ascending') : 'none'}>
      <button
        type="button"
        title={help}
        onClick={() => {
          // The first click sorts numbers from the highest and names from A.
          selectedSort.value = { column: id, descending: isSorted ? !descending : align === 'end' };
        }}
      >
        {title}
        <span class="arrow" aria-hidden="true">
          {isSorted ? (descending ? '▾' : '▴') : ''}
        </span>
      </button>
    </th>
  );
}

function keyOf({ component, name, file, line }: OperationState): string {
  return [component, name, file, line].join('\0');
}

/** Keeps the order of rows while the pointer is over the table, so that a click hits the intended row. */
function useStableOrder(operations: readonly OperationState[], sort: Sort) {
  const isHeld = useRef(false);
  const order = useRef({ settings: '', indexes: new Map<string, number>() });
  const settings = `${filter.value}\0${sort.column}\0${sort.descending}`;
  if (!isHeld.current || order.current.settings !== settings) {
    order.current = { settings, indexes: new Map(operations.map((operation, index) => [keyOf(operation), index])) };
  }
  const { indexes } = order.current;
  const indexOf = (operation: OperationState) => indexes.get(keyOf(operation)) ?? indexes.size;
  return {
    operations: isHeld.current ? operations.toSorted((a, b) => indexOf(a) - indexOf(b)) : operations,
    hold: () => {
      isHeld.current = true;
    },
    release: () => {
      isHeld.current = false;
    },
  };
}
