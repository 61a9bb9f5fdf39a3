/** Controls that all views of call stacks share: search, thread, order and comparison. */
import { duration } from '../../src/core/format.ts';
import type { StackView } from '../../src/protocol/panel/stack-view.ts';
import { plural } from '../../src/protocol/plural.ts';
import { post } from '../host.ts';
import { Icon } from '../views/icon.tsx';
import { zoomToFrame } from './flame-zoom.ts';
import { changeUnit, missingFunction, order, searchText, selectedPath } from './stack-state.ts';
import { ThreadPicker } from './thread-picker.tsx';

interface StackControlsProps {
  readonly view: StackView;
  /** Number of frames that the search has found, and their share; undefined without a search. */
  readonly matches?: string | undefined;
  readonly hasOrder?: true;
}

export function StackControls({ view, matches, hasOrder }: StackControlsProps) {
  const { comparison, hasTimes, timeColumns } = view;
  return (
    <>
      <div class="controls">
        <label class="filter">
          <Icon name="search" />
          <input
            type="search"
            placeholder="Find"
            aria-label="Find functions"
            value={searchText.value}
            onInput={(event) => {
              searchText.value = event.currentTarget.value;
            }}
          />
        </label>
        {matches !== undefined && <span role="status">{matches}</span>}
        <ThreadPicker view={view} />
        {hasOrder && hasTimes && !comparison && <OrderPicker />}
        <ComparisonControls view={view} />
        <span class="dim">{describeView(view)}</span>
      </div>
      {timeColumns && (
        <p class="hint">
          Columns of {duration(timeColumns.stepNs)}, earliest first. Each is as wide as its CPU time, so waiting takes
          no room. The order of calls within a column is not known.
        </p>
      )}
      {missingFunction.value !== undefined && (
        <p class="hint" role="status">
          {missingFunction.value} has no samples in this run. It may not have run, or only for a very short time.
        </p>
      )}
    </>
  );
}

function describeView({ totalNs, totalSamples, omitted, selection, comparison, unit }: StackView): string {
  const time =
    unit === 'wall' ? `${duration(totalNs)} wall time of spans (measured)` : `~${duration(totalNs)} CPU time`;
  return [
    `${time}${selection.range ? ' in the time that the charts show' : ''}`,
    ...(comparison ? [`before ~${duration(comparison.beforeNs)}`] : []),
    plural(totalSamples, unit === 'wall' ? 'span' : 'sample'),
    ...(omitted > 0 ? [`${plural(omitted, 'smaller call path')} not shown`] : []),
  ].join(' · ');
}

function OrderPicker() {
  return (
    <label>
      Order{' '}
      <select
        value={order.value}
        onChange={(event) => {
          // Their paths are others in the other order.
          zoomToFrame(undefined);
          selectedPath.value = undefined;
          order.value = event.currentTarget.value === 'time' ? 'time' : 'size';
        }}
      >
        <option value="size">Largest first</option>
        <option value="time">By time</option>
      </select>
    </label>
  );
}

function ComparisonControls({ view: { comparison } }: { readonly view: StackView }) {
  if (!comparison) {
    return (
      <button type="button" class="quiet" onClick={() => post({ type: 'reference', action: 'choose' })}>
        Compare with…
      </button>
    );
  }
  return (
    <>
      <span>
        Compared with <strong>{comparison.reference}</strong>
        {comparison.beforeThreads === 0 && ', which has no thread of this name'}
      </span>
      <label>
        Change of{' '}
        <select
          value={changeUnit.value}
          onChange={(event) => {
            changeUnit.value = event.currentTarget.value === 'time' ? 'time' : 'share';
          }}
        >
          <option value="share">share</option>
          <option value="time">CPU time</option>
        </select>
      </label>
      <button type="button" class="quiet" onClick={() => post({ type: 'reference', action: 'clear' })}>
        Stop comparing
      </button>
    </>
  );
}

/** Shown instead of the stacks if there are none: why, and what to do. */
export function EmptyStacks({ view }: { readonly view: StackView }) {
  const { selection, comparison } = view;
  return (
    <div class="empty">
      <p>
        {selection.range
          ? 'The program used no CPU time in the time that the charts show. Choose a longer time range, or “Whole run”.'
          : 'No CPU time was sampled yet. Only threads that run are sampled: let the program work for a second, for example send it requests.'}
      </p>
      {comparison && <p>The table below lists what the reference has.</p>}
    </div>
  );
}
