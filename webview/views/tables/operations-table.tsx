/** All operations as a table that can be sorted and filtered; each name goes to its function in the editor. */
import { signal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { share as shareText, whole } from '../../../src/core/format.ts';
import type { OperationState, Snapshot } from '../../../src/protocol/snapshot.ts';
import { filter, sort } from '../../ui-state.ts';
import { arrange, type Column, columns, ownNs } from './operation-columns.ts';
import { Bar, firstRows, More, Place, stepRows } from './table-cells.tsx';

const all = signal(false);

export function Operations({ snapshot }: { readonly snapshot: Snapshot }) {
  const { operations, operationsOmitted } = snapshot;
  const rows = useSteadyOrder(arrange(operations, filter.value, sort.value));
  const shown = all.value ? rows.list : rows.list.slice(0, firstRows);
  const ownSum = operations.reduce((sum, operation) => sum + ownNs(operation), 0);
  return (
    <>
      <div class="scroll">
        <table
          class="grid operations"
          aria-label="Operations"
          onPointerEnter={rows.hold}
          onPointerLeave={rows.release}
          onKeyDown={stepRows}
        >
          <thead>
            <tr>
              {columns.map((column) => (
                <Header key={column.id} column={column} />
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((operation) => (
              <Row key={keyOf(operation)} operation={operation} share={ownSum > 0 ? ownNs(operation) / ownSum : 0} />
            ))}
          </tbody>
        </table>
      </div>
      {rows.list.length === 0 && (
        <p class="hint">{filter.value ? `No operation matches “${filter.value}”.` : 'No operation has ended yet.'}</p>
      )}
      <More hidden={rows.list.length - shown.length} all={all} />
      {operationsOmitted > 0 && <p class="hint">{whole(operationsOmitted)} more operations are in the export.</p>}
    </>
  );
}

function Header({ column: { id, title, help, align } }: { readonly column: Column }) {
  const { column, descending } = sort.value;
  const sorted = column === id;
  return (
    <th scope="col" class={align} aria-sort={sorted ? (descending ? 'descending' : 'ascending') : 'none'}>
      <button
        type="button"
        title={help}
        onClick={() => {
          // Numbers are first asked for from the greatest, names from A.
          sort.value = { column: id, descending: sorted ? !descending : align === 'end' };
        }}
      >
        {title}
        <span class="arrow" aria-hidden="true">
          {sorted ? (descending ? '▾' : '▴') : ''}
        </span>
      </button>
    </th>
  );
}

function Row({ operation, share }: { readonly operation: OperationState; readonly share: number }) {
  const { file, line, errors } = operation;
  return (
    <tr>
      {columns.map(({ id, align, text }) => {
        if (id === 'operation') {
          return (
            <th scope="row" key={id}>
              <Place file={file} line={line} text={text(operation)} />
            </th>
          );
        }
        if (id === 'own') {
          return (
            <td key={id} class="end share" title={`${text(operation)} own time`}>
              <Bar ratio={share} />
              <span>{shareText(share)}</span>
            </td>
          );
        }
        return (
          <td key={id} class={id === 'errors' && errors > 0 ? `${align} bad` : align}>
            {text(operation)}
          </td>
        );
      })}
    </tr>
  );
}

function keyOf({ component, name, file, line }: OperationState): string {
  return [component, name, file, line].join('\0');
}

/** While the pointer is over the table its rows keep their places, so that a click meets the row it was aimed at. */
function useSteadyOrder(list: readonly OperationState[]) {
  const held = useRef(false);
  const order = useRef({ asked: '', places: new Map<string, number>() });
  const asked = `${filter.value}\0${sort.value.column}\0${sort.value.descending}`;
  if (!held.current || order.current.asked !== asked) {
    order.current = { asked, places: new Map(list.map((operation, at) => [keyOf(operation), at])) };
  }
  const { places } = order.current;
  const place = (operation: OperationState) => places.get(keyOf(operation)) ?? places.size;
  return {
    list: held.current ? list.toSorted((a, b) => place(a) - place(b)) : list,
    hold: () => {
      held.current = true;
    },
    release: () => {
      held.current = false;
    },
  };
}
