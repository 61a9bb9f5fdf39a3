/** The selected function with its source, its callers and its callees. */
import { duration, percent } from '../../src/core/format.ts';
import type { FunctionDetails, StackView, ViewedFunction, VisibleNode } from '../../src/protocol/panel/stack-view.ts';
import { ShareBar, SourceLink } from '../views/tables/table-cells.tsx';
import { formatAmount } from './comparison-table.tsx';
import { changeOf, formatChange, placeOf } from './frame-text.ts';
import { SourceLines } from './source-lines.tsx';
import { explainFrame, titleOfFunction } from './special-frames.ts';
import { changeUnit, selectedFunction, selectedPath } from './stack-state.ts';

const maxListed = 12;

export function FunctionPanel({ view }: { readonly view: StackView }) {
  const { details } = view;
  const called = details && view.functions[details.function];
  if (!details || !called || called.id !== selectedFunction.value) return null;
  const { totalNs, selfNs, callers, callees } = details;
  const share = (ns: number): string => (view.totalNs > 0 ? percent(ns / view.totalNs) : '');
  const explanation = explainFrame(called);
  // Samples are estimates, spans are measured.
  const mark = view.unit === 'wall' ? '' : '~';
  return (
    <aside class="function" aria-label={`Function ${called.name}`}>
      <h3>{titleOfFunction(called.name)}</h3>
      <p>
        <SourceLink file={called.file} line={called.line} text={placeOf(called)} />
      </p>
      <p>
        {mark}
        {share(totalNs)} of {view.unit === 'wall' ? 'the wall time of spans' : 'CPU time'} ({mark}
        {duration(totalNs)}) · self {mark}
        {share(selfNs)} ({mark}
        {duration(selfNs)})
      </p>
      <ChangeOfFunction view={view} details={details} called={called} />
      {explanation !== undefined && <p class="hint">{explanation}</p>}
      <SourceLines called={called} details={details} lineSource={view.lineSource} />
      <Relations title="Callers" view={view} nodes={callers} totalNs={totalNs} />
      <Relations title="Callees" view={view} nodes={callees} totalNs={totalNs} />
    </aside>
  );
}

interface ChangeOfFunctionProps {
  readonly view: StackView;
  readonly details: FunctionDetails;
  readonly called: ViewedFunction;
}

function ChangeOfFunction({ view, details, called }: ChangeOfFunctionProps) {
  const { comparison, totalNs } = view;
  if (!comparison) return null;
  const row = comparison.functions.find(({ function: index }) => view.functions[index]?.id === called.id);
  const beforeNs = row?.beforeNs ?? details.totalNs;
  if (!row) return <p class="dim">Not among the changed functions.</p>;
  const change = changeOf(changeUnit.value, beforeNs, row.totalNs, { beforeNs: comparison.beforeNs, totalNs });
  return (
    <p>
      {formatChange(change)} since {comparison.reference} (
      {formatAmount(changeUnit.value, beforeNs, comparison.beforeNs)})
    </p>
  );
}

interface RelationsProps {
  readonly title: string;
  readonly view: StackView;
  /** Tree with the function on top, which is the first node. */
  readonly nodes: readonly VisibleNode[];
  /** Time of the function. */
  readonly totalNs: number;
}

/** The direct callers or callees of the function, largest first. */
function Relations({ title, view, nodes, totalNs }: RelationsProps) {
  const direct = nodes.filter(({ parent }) => parent === 0);
  const listed = direct.slice(0, maxListed);
  return (
    <>
      <h4>{title}</h4>
      {direct.length === 0 && <p class="hint">None sampled.</p>}
      <ul>
        {listed.map((node) => {
          const called = view.functions[node.function];
          const ratio = totalNs > 0 ? node.totalNs / totalNs : 0;
          return (
            <li key={node.function}>
              <button
                type="button"
                class="quiet"
                onClick={() => {
                  selectedFunction.value = called?.id;
                  selectedPath.value = undefined;
                }}
              >
                {called && titleOfFunction(called.name)}
              </button>
              <span class="dim">{called && placeOf(called)}</span>
              <ShareBar ratio={ratio} />
              <span class="number">{percent(ratio)}</span>
              <span class="number">~{duration(node.totalNs)}</span>
            </li>
          );
        })}
      </ul>
      {direct.length > listed.length && <p class="hint">{direct.length - listed.length} smaller ones not listed.</p>}
    </>
  );
}
