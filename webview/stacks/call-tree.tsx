/** The sampled call stacks as an expandable table; the text alternative of the flame graph. */
import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import { duration, percent, whole } from '../../src/core/format.ts';
import type { StackView } from '../../src/protocol/panel/stack-view.ts';
import { ShareBar } from '../views/tables/table-cells.tsx';
import { ComparisonTable, formatAmount } from './comparison-table.tsx';
import { type Frame, layOutFlames } from './flame-layout.ts';
import { changeOf, formatChange, labelOf, placeOf } from './frame-text.ts';
import { FunctionPanel } from './function-panel.tsx';
import { explainFrame, titleOfFunction } from './special-frames.ts';
import { EmptyStacks, StackControls } from './stack-controls.tsx';
import { changeUnit, expandedPaths, searchText, selectedFunction, selectedPath } from './stack-state.ts';

/** Callees with at least this share of their caller are expanded at first. */
const minExpandedShare = 0.6;

export function CallTree({ view }: { readonly view: StackView }) {
  const table = useRef<HTMLTableElement>(null);
  const layout = layOutFlames(view);
  const rows = listRows(layout.tops, searchText.value.trim().toLowerCase());
  const focus = (row: Row | undefined): void => {
    if (!row) return;
    select(row.frame);
    table.current?.querySelector<HTMLElement>(`[data-path="${row.frame.path}"]`)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const index = rows.findIndex(({ frame }) => frame.path === selectedPath.value);
    const row = rows[index];
    const key = event.key;
    if (key === 'ArrowDown') focus(rows[index + 1]);
    else if (key === 'ArrowUp') focus(rows[Math.max(0, index - 1)]);
    else if (key === 'ArrowRight' && row) row.isExpanded ? focus(rows[index + 1]) : toggle(row);
    else if (key === 'ArrowLeft' && row)
      row.isExpanded ? toggle(row) : focus(rows.find(({ frame }) => frame === row.frame.above));
    else return;
    event.preventDefault();
  };
  const columns = view.comparison ? comparedColumns : timeColumns;
  return (
    <>
      <div class="stacks">
        <div class="calls">
          <StackControls view={view} />
          {rows.length === 0 && view.nodes.length === 0 && <EmptyStacks view={view} />}
          {/* biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: no element stands for a table whose rows form a tree */}
          <table ref={table} class="grid" role="treegrid" aria-label="Call tree" onKeyDown={onKeyDown}>
            <thead>
              <tr>
                <th scope="col" class="start">
                  Function
                </th>
                {columns.map(({ title }) => (
                  <th key={title} scope="col" class="end">
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <CallRow key={row.frame.path} row={row} view={view} columns={columns} isFirst={row === rows[0]} />
              ))}
            </tbody>
          </table>
        </div>
        <FunctionPanel view={view} />
      </div>
      <ComparisonTable view={view} />
    </>
  );
}

interface Row {
  readonly frame: Frame;
  readonly isExpanded: boolean;
}

interface CallRowProps {
  readonly row: Row;
  readonly view: StackView;
  readonly columns: readonly CallColumn[];
  readonly isFirst: boolean;
}

interface CallColumn {
  readonly title: string;
  readonly render: (frame: Frame, view: StackView) => ComponentChildren;
}

const timeColumns: readonly CallColumn[] = [
  { title: 'Self', render: ({ selfNs }) => `~${duration(selfNs)}` },
  { title: 'Total', render: ({ totalNs }) => `~${duration(totalNs)}` },
  {
    title: 'Share',
    render: ({ totalNs }, view) => {
      const ratio = view.totalNs > 0 ? totalNs / view.totalNs : 0;
      return [percent(ratio), ' ', <ShareBar key="bar" ratio={ratio} />];
    },
  },
  { title: 'Samples', render: ({ totalSamples }) => whole(totalSamples) },
];

/** Columns with the times before and after, as shares or durations. */
const comparedColumns: readonly CallColumn[] = [
  { title: 'Self', render: ({ selfNs }, view) => formatAmount(changeUnit.value, selfNs, view.totalNs) },
  {
    title: 'Before',
    render: ({ before }, { comparison }) =>
      before && before.totalNs > 0 ? formatAmount(changeUnit.value, before.totalNs, comparison?.beforeNs ?? 0) : '–',
  },
  { title: 'After', render: ({ totalNs }, view) => formatAmount(changeUnit.value, totalNs, view.totalNs) },
  {
    title: 'Change',
    render: ({ before, totalNs }, view) =>
      formatChange(
        changeOf(changeUnit.value, before?.totalNs ?? 0, totalNs, {
          beforeNs: view.comparison?.beforeNs ?? 0,
          totalNs: view.totalNs,
        }),
      ),
  },
];

function CallRow({ row, view, columns, isFirst }: CallRowProps) {
  const { frame, isExpanded } = row;
  const { called, depth, path, children } = frame;
  const isSelected = selectedPath.value === path;
  return (
    <tr
      data-path={path}
      tabIndex={isSelected || (selectedPath.value === undefined && isFirst) ? 0 : -1}
      aria-level={depth + 1}
      aria-selected={isSelected}
      {...(children.length > 0 ? { 'aria-expanded': isExpanded } : {})}
      onFocus={() => select(frame)}
      onClick={() => select(frame)}
      onDblClick={() => toggle(row)}
    >
      <th scope="row" style={{ paddingInlineStart: `${12 + Math.min(depth, 30) * 14}px` }}>
        {children.length > 0 ? (
          <button type="button" class="quiet twisty" tabIndex={-1} aria-hidden="true" onClick={() => toggle(row)}>
            {isExpanded ? '▾' : '▸'}
          </button>
        ) : (
          <span class="twisty" />
        )}
        <span class="name" title={explainFrame(called)}>
          {titleOfFunction(called.name)}
        </span>{' '}
        <span class="dim">{placeOf(called)}</span>
      </th>
      {columns.map(({ title, render }) => (
        <td key={title} class="end">
          {render(frame, view)}
        </td>
      ))}
    </tr>
  );
}

/** Returns the visible rows. A search shows the call paths to all functions that match. */
function listRows(tops: readonly Frame[], search: string): readonly Row[] {
  const rows: Row[] = [];
  const matches = (frame: Frame): boolean => labelOf(frame).toLowerCase().includes(search);
  const leadsToMatch = (frame: Frame): boolean => matches(frame) || frame.children.some(leadsToMatch);
  const add = (frame: Frame): void => {
    if (search !== '' && !leadsToMatch(frame)) return;
    const isExpanded = search === '' ? isExpandedAtFirst(frame) !== expandedPaths.value.has(frame.path) : true;
    rows.push({ frame, isExpanded });
    if (isExpanded) frame.children.forEach(add);
  };
  tops.forEach(add);
  return rows;
}

/** The largest path is expanded, because it is the one that is looked for. */
function isExpandedAtFirst({ above, totalNs }: Frame): boolean {
  return above === undefined || (totalNs >= minExpandedShare * above.totalNs && isExpandedAtFirst(above));
}

function toggle({ frame: { path } }: Row): void {
  const paths = new Set(expandedPaths.value);
  if (!paths.delete(path)) paths.add(path);
  expandedPaths.value = paths;
}

function select(frame: Frame): void {
  selectedPath.value = frame.path;
  selectedFunction.value = frame.called.id;
}
