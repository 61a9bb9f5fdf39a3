/** The slowest items of a run, such as files, with the time spent in each step and the number of results. */
import { signal } from '@preact/signals';
import { duration, whole } from '../../../src/core/format.ts';
import type { ItemState, Snapshot } from '../../../src/protocol/snapshot.ts';
import { type Color, colors } from '../../colors.ts';
import { filter } from '../../ui-state.ts';
import { DataTable, type TableColumn } from './data-table.tsx';
import { ColorSwatch, initialRowCount, moveRowFocus, ShowMore, SourceLink } from './table-cells.tsx';

const showsAll = signal(false);

export function FilesTable({ snapshot: { items, run } }: { readonly snapshot: Snapshot }) {
  const query = filter.value.trim().toLowerCase();
  const matches = items.filter(({ name }) => name.toLowerCase().includes(query));
  const rows = showsAll.value ? matches : matches.slice(0, initialRowCount);
  const parts = collectNames(items, (item) => item.parts);
  const noun = run.unit?.noun ?? 'files';
  if (rows.length === 0) {
    return (
      <p class="hint">
        {query ? `No ${noun} match “${filter.value}”. Change the filter.` : `No ${noun} processed yet.`}
      </p>
    );
  }
  return (
    <div class="scroll">
      <ul class="legend">
        {parts.map((part, index) => (
          <li key={part}>
            <ColorSwatch color={partColor(index)} />
            <span class="label">{part}</span>
          </li>
        ))}
      </ul>
      <DataTable
        class="grid"
        aria-label={`Slowest ${noun}`}
        onKeyDown={moveRowFocus}
        columns={columnsFor(items, parts, noun)}
        rows={rows}
        rowKey={({ component, name }) => `${component}\0${name}`}
      />
      <ShowMore hidden={matches.length - rows.length} showsAll={showsAll} />
    </div>
  );
}

function columnsFor(
  items: readonly ItemState[],
  parts: readonly string[],
  noun: string,
): readonly TableColumn<ItemState>[] {
  const maxNs = Math.max(...items.map(({ totalNs }) => totalNs), 1);
  const countNames = collectNames(items, (item) => item.counts);
  return [
    {
      id: 'name',
      title: noun.replace(/s$/, ''),
      align: 'start',
      cell: ({ file, name }) => <SourceLink file={file} line={1} text={name} />,
    },
    { id: 'total', title: 'total', align: 'end', cell: ({ totalNs }) => duration(totalNs) },
    {
      id: 'parts',
      title: 'parts',
      align: 'start',
      cell: (item) => <PartsBar item={item} parts={parts} maxNs={maxNs} />,
      cellProps: () => ({ class: 'stack' }),
    },
    ...countNames.map((name): TableColumn<ItemState> => {
      return { id: `count ${name}`, title: toWords(name), align: 'end', cell: ({ counts }) => whole(counts[name]) };
    }),
  ];
}

interface PartsBarProps {
  readonly item: ItemState;
  readonly parts: readonly string[];
  readonly maxNs: number;
}

/** Draws the parts of one item as a stacked bar, scaled to the slowest item. */
function PartsBar({ item, parts, maxNs }: PartsBarProps) {
  const label = parts
    .filter((part) => part in item.parts)
    .map((part) => `${part} ${duration(item.parts[part])}`)
    .join(', ');
  let right = 0;
  return (
    <svg viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label={label}>
      <title>{label}</title>
      {parts.map((part, index) => {
        const left = right;
        const length = ((item.parts[part] ?? 0) / maxNs) * 100;
        right += length;
        return <rect key={part} class={partColor(index)} x={left.toFixed(2)} width={length.toFixed(2)} height="8" />;
      })}
    </svg>
  );
}

function partColor(index: number): Color {
  return colors[index % colors.length] ?? 'blue';
}

function collectNames(
  items: readonly ItemState[],
  pick: (item: ItemState) => Readonly<Record<string, number>>,
): string[] {
  return [...new Set(items.flatMap((item) => Object.keys(pick(item))))];
}

/** Splits camel case: `cacheHits` becomes `cache hits`. */
function toWords(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).replaceAll('_', ' ');
}
