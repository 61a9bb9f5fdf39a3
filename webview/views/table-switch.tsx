/** Shows the numbers behind a picture in its place. */
import { asTable } from '../ui-state.ts';

export function TableSwitch({ id, title }: { readonly id: string; readonly title: string }) {
  const isTable = asTable.value.includes(id);
  return (
    <button
      type="button"
      class="quiet"
      aria-pressed={isTable}
      aria-label={`Table of ${title}`}
      onClick={() => {
        const others = asTable.value.filter((other) => other !== id);
        asTable.value = isTable ? others : [...others, id];
      }}
    >
      Table
    </button>
  );
}
