/** Table of a chart's values, shown in place of the chart and scrolled within its area. */
import { DataTable, type TableContent } from './data-table.tsx';

interface ChartTableProps<Row> extends TableContent<Row> {
  /** Id of the chart. */
  readonly id: string;
  readonly label: string;
}

/** Makes a scrollable area reachable by keyboard. */
const focusable = { tabIndex: 0 } as const;

export function ChartTable<Row>({ id, label, ...content }: ChartTableProps<Row>) {
  return (
    <section class="canvas values" {...focusable} aria-label={label}>
      <DataTable id={`table-${id}`} {...content} />
    </section>
  );
}
