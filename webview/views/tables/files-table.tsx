/** The things that took longest, such as files: what part of the work each cost, and what was found in it. */
import { signal } from '@preact/signals';
import { duration, whole } from '../../../src/core/format.ts';
import type { ItemState, Snapshot } from '../../../src/protocol/snapshot.ts';
import { type Color, colors } from '../../colors.ts';
import { filter } from '../../ui-state.ts';
import { Block, firstRows, More, Place, stepRows } from './table-cells.tsx';

const all = signal(false);

export function Files({ snapshot: { items, run } }: { readonly snapshot: Snapshot }) {
  const wanted = filter.value.trim().toLowerCase();
  const found = items.filter(({ name }) => name.toLowerCase().includes(wanted));
  const shown = all.value ? found : found.slice(0, firstRows);
  const parts = namesOf(items, ({ parts }) => parts);
  const counts = namesOf(items, ({ counts }) => counts);
  const most = Math.max(...items.map(({ totalNs }) => totalNs), 1);
  const noun = run.unit?.noun ?? 'files';
  if (shown.length === 0) {
    return <p class="hint">{wanted ? `Nothing matches “${filter.value}”.` : `No ${noun} have been worked on yet.`}</p>;
  }
  return (
    <div class="scroll">
      <ul class="legend">
        {parts.map((part, at) => (
          <li key={part}>
            <Block color={partColor(at)} />
            <span class="label">{part}</span>
          </li>
        ))}
      </ul>
      <table class="grid" aria-label={`Slowest ${noun}`} onKeyDown={stepRows}>
        <thead>
          <tr>
            <th scope="col" class="start">
              {noun.replace(/s$/, '')}
            </th>
            <th scope="col" class="end">
              total
            </th>
            <th scope="col" class="start">
              parts
            </th>
            {counts.map((name) => (
              <th scope="col" class="end" key={name}>
                {words(name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((item) => (
            <tr key={`${item.component}\0${item.name}`}>
              <th scope="row">
                <Place file={item.file} line={1} text={item.name} />
              </th>
              <td class="end">{duration(item.totalNs)}</td>
              <td class="start stack">
                <Stack item={item} parts={parts} most={most} />
              </td>
              {counts.map((name) => (
                <td class="end" key={name}>
                  {whole(item.counts[name])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <More hidden={found.length - shown.length} all={all} />
    </div>
  );
}

interface StackProps {
  readonly item: ItemState;
  readonly parts: readonly string[];
  readonly most: number;
}

/** The parts of one item end to end, against the slowest item. */
function Stack({ item, parts, most }: StackProps) {
  const known = parts.filter((part) => part in item.parts);
  const label = known.map((part) => `${part} ${duration(item.parts[part])}`).join(', ');
  let right = 0;
  return (
    <svg viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label={label}>
      <title>{label}</title>
      {parts.map((part, at) => {
        const left = right;
        const length = ((item.parts[part] ?? 0) / most) * 100;
        right += length;
        return <rect key={part} class={partColor(at)} x={left.toFixed(2)} width={length.toFixed(2)} height="8" />;
      })}
    </svg>
  );
}

function partColor(at: number): Color {
  return colors[at % colors.length] ?? 'blue';
}

function namesOf(items: readonly ItemState[], pick: (item: ItemState) => Readonly<Record<string, number>>): string[] {
  return [...new Set(items.flatMap((item) => Object.keys(pick(item))))];
}

/** `cacheHits` as people say it: `cache hits`. */
function words(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).replaceAll('_', ' ');
}
