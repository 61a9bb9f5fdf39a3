/** Functions and call paths whose time has changed since the reference. */
import { duration, percent } from '../../src/core/format.ts';
import type { ComparedFunction, StackView } from '../../src/protocol/panel/stack-view.ts';
import { plural } from '../../src/protocol/plural.ts';
import { moveRowFocus } from '../views/tables/table-cells.tsx';
import { type Change, changeOf, formatChange, placeOf } from './frame-text.ts';
import { titleOfFunction } from './special-frames.ts';
import { changeUnit, selectedFunction, selectedPath } from './stack-state.ts';

const maxRemoved = 20;
const columnTitles = ['Self before', 'Self after', 'Self change', 'Total before', 'Total after', 'Total change'];

export function ComparisonTable({ view }: { readonly view: StackView }) {
  const { comparison } = view;
  if (!comparison) return null;
  const { functions, functionsOmitted, removed, beforeNs } = comparison;
  const unit = changeUnit.value;
  const show = (ns: number, totalNs: number): string => formatAmount(unit, ns, totalNs);
  return (
    <div class="compared">
      <h3>Changed functions</h3>
      {functions.length === 0 && <p class="hint">No function has changed its share by 0.05 points or more.</p>}
      {functions.length > 0 && (
        <div class="scroll">
          <table class="grid" onKeyDown={moveRowFocus}>
            <thead>
              <tr>
                <th scope="col" class="start">
                  Function
                </th>
                {columnTitles.map((title) => (
                  <th key={title} scope="col" class="end">
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {functions.map((row) => (
                <ComparedRow key={row.function} row={row} view={view} beforeNs={beforeNs} unit={unit} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {functionsOmitted > 0 && (
        <p class="hint">{plural(functionsOmitted, 'function')} with smaller changes not listed.</p>
      )}
      {removed.length > 0 && (
        <>
          <h3>Only before</h3>
          <ul class="removed">
            {removed.slice(0, maxRemoved).map(({ names, beforeNs: pathNs }) => (
              <li key={names.join('\0')}>
                <span class="name">{names.map(titleOfFunction).join(' › ')}</span>{' '}
                <span class="number">{show(pathNs, beforeNs)}</span>
              </li>
            ))}
          </ul>
          {removed.length > maxRemoved && <p class="hint">{removed.length - maxRemoved} smaller ones not listed.</p>}
        </>
      )}
    </div>
  );
}

interface ComparedRowProps {
  readonly row: ComparedFunction;
  readonly view: StackView;
  /** CPU time of the reference. */
  readonly beforeNs: number;
  readonly unit: Change['unit'];
}

function ComparedRow({ row, view, beforeNs, unit }: ComparedRowProps) {
  const called = view.functions[row.function];
  if (!called) return null;
  const totals = { beforeNs, totalNs: view.totalNs };
  const pairs = [
    [row.beforeSelfNs, row.selfNs],
    [row.beforeNs, row.totalNs],
  ] as const;
  return (
    <tr>
      <th scope="row">
        <button
          type="button"
          class="name"
          onClick={() => {
            selectedFunction.value = called.id;
            selectedPath.value = undefined;
          }}
        >
          {titleOfFunction(called.name)}
        </button>{' '}
        <span class="dim">{placeOf(called)}</span>
      </th>
      {pairs.map(([before, after], index) => {
        const change = changeOf(unit, before, after, totals);
        return [
          <td key={`${index}b`} class="end">
            {before === 0 ? '–' : formatAmount(unit, before, beforeNs)}
          </td>,
          <td key={`${index}a`} class="end">
            {after === 0 ? '–' : formatAmount(unit, after, view.totalNs)}
          </td>,
          <td key={`${index}c`} class="end">
            {formatChange(change)}
          </td>,
        ];
      })}
    </tr>
  );
}

/** Returns a time as the share of its run, or as a duration. */
export function formatAmount(unit: Change['unit'], ns: number, totalNs: number): string {
  if (unit === 'time') return `~${duration(ns)}`;
  return totalNs > 0 ? `~${percent(ns / totalNs)}` : '–';
}
