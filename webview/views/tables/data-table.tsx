/** The table component of the page, described by its columns. The first column holds the row headers. */
import type { ComponentChildren, TableHTMLAttributes, VNode } from 'preact';

export interface TableColumn<Row> {
  readonly id: string;
  readonly title: ComponentChildren;
  readonly align?: 'start' | 'end';
  /** Tooltip of the column header. */
  readonly help?: string | undefined;
  /** Renders the header cell; a `<th>` with the title if absent. */
  readonly header?: () => VNode;
  readonly cell: (row: Row) => ComponentChildren;
  /** Additional class and tooltip of a data cell. */
  readonly cellProps?: (row: Row) => { readonly class?: string; readonly title?: string };
}

export interface TableContent<Row> {
  readonly columns: readonly TableColumn<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string | number;
}

interface DataTableProps<Row> extends TableHTMLAttributes, TableContent<Row> {
  readonly rowProps?: (row: Row) => {
    readonly class: string;
    readonly title: string;
    readonly onClick: () => void;
  };
  readonly footer?: ComponentChildren;
}

export function DataTable<Row>({ columns, rows, rowKey, rowProps, footer, ...attributes }: DataTableProps<Row>) {
  return (
    <table {...attributes}>
      <thead>
        <tr>
          {columns.map(
            ({ id, title, align, help, header }) =>
              header?.() ?? (
                <th scope="col" key={id} class={align} title={help}>
                  {title}
                </th>
              ),
          )}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={rowKey(row)} {...rowProps?.(row)}>
            {columns.map((column, index) =>
              index === 0 ? (
                <th scope="row" key={column.id}>
                  {column.cell(row)}
                </th>
              ) : (
                <DataCell key={column.id} column={column} row={row} />
              ),
            )}
          </tr>
        ))}
      </tbody>
      {footer !== undefined && <tfoot>{footer}</tfoot>}
    </table>
  );
}

function DataCell<Row>({ column: { align, cell, cellProps }, row }: { column: TableColumn<Row>; row: Row }) {
  const props = cellProps?.(row);
  const classes = [align, props?.class].filter((name) => name !== undefined).join(' ');
  return (
    <td class={classes || undefined} title={props?.title}>
      {cell(row)}
    </td>
  );
}
