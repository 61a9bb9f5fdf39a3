/** A button that switches between a chart and the table of its values. */
import { idsShownAsTable } from '../ui-state.ts';

export function TableSwitch({ id, title }: { readonly id: string; readonly title: string }) {
  const isTable = idsShownAsTable.value.includes(id);
  return (
    <button
      type="button"
      class="quiet"
      aria-pressed={isTable}
      aria-label={`Table of ${title}`}
      onClick={() => {
        const others = idsShownAsTable.value.filter((other) => other !== id);
        idsShownAsTable.value = isTable ? others : [...others, id];
      }}
    >
      Table
    </button>
  );
}
