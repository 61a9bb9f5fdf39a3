import { duration, percent, whole } from '../../src/core/format.ts';
import type { StackView } from '../../src/protocol/panel/stack-view.ts';
import type { StackFunction } from '../../src/protocol/stacks.ts';
import type { Frame } from './flame-layout.ts';
import { explainFrame, titleOfComponent, titleOfFunction } from './special-frames.ts';

/** Returns the place of a function, such as `src/server.js:13`, or its component if it has no file. */
export function placeOf({ file, line, component, name }: StackFunction): string {
  if (file !== undefined) return line === undefined ? shortPath(file) : `${shortPath(file)}:${line}`;
  return component === name ? '' : titleOfComponent(component);
}

/** Returns the label of a frame. */
export function labelOf({ called }: Pick<Frame, 'called'>): string {
  const place = placeOf(called);
  const title = titleOfFunction(called.name);
  return place === '' ? title : `${title} · ${place}`;
}

/** Change between two runs: of the share in percentage points, or of the CPU time in nanoseconds. */
export interface Change {
  readonly unit: 'share' | 'time';
  readonly amount: number;
}

interface Totals {
  readonly beforeNs: number;
  readonly totalNs: number;
}

/** Returns the change of a time in two runs with these totals. */
export function changeOf(unit: Change['unit'], beforeNs: number, afterNs: number, totals: Totals): Change {
  const shareOf = (ns: number, totalNs: number): number => (totalNs > 0 ? (100 * ns) / totalNs : 0);
  const points = shareOf(afterNs, totals.totalNs) - shareOf(beforeNs, totals.beforeNs);
  return { unit, amount: unit === 'share' ? points : afterNs - beforeNs };
}

/** Returns a change with its sign, such as `+3.1 points`. */
export function formatChange({ unit, amount }: Change): string {
  const size = Math.abs(amount);
  const text = unit === 'share' ? size.toFixed(1) : duration(size);
  const isNone = unit === 'share' ? text === '0.0' : Math.round(size) === 0;
  const sign = isNone ? '±' : amount > 0 ? '+' : '−';
  return unit === 'share' ? `${sign}${text} points` : `${sign}${text}`;
}

/** Describes a frame in one line. Times are estimates from samples. */
export function describeFrame(
  frame: Frame,
  { totalNs, comparison }: Pick<StackView, 'totalNs' | 'comparison'>,
  unit: Change['unit'] = 'share',
): string {
  const { totalNs: frameNs, selfNs, totalSamples, before, called, time } = frame;
  const share = totalNs > 0 ? percent(frameNs / totalNs) : '';
  const change = comparison && before ? changeOf(unit, before.totalNs, frameNs, { ...comparison, totalNs }) : undefined;
  return [
    labelOf(frame),
    ...(time ? [`from ${duration(time.startNs)}`] : []),
    `~${duration(frameNs)} (${share})`,
    ...(change && before ? [`${formatChange(change)}, before ~${duration(before.totalNs)}`] : []),
    `self ~${duration(selfNs)}`,
    `${whole(totalSamples)} samples`,
    ...[explainFrame(called) ?? []].flat(),
  ].join(' · ');
}

/** Returns the path of a file of a package from its innermost `node_modules` folder. */
function shortPath(file: string): string {
  const index = file.replaceAll('\\', '/').lastIndexOf('/node_modules/');
  return index < 0 ? file : file.slice(index + 1);
}
