import { duration, percent, whole } from '../../src/core/format.ts';
import type { StackView } from '../../src/protocol/panel/stack-view.ts';
import type { StackFunction } from '../../src/protocol/stacks.ts';
import type { Frame } from './flame-layout.ts';

/** Returns the place of a function, such as `src/server.js:13`, or its component if it has no file. */
export function placeOf({ file, line, component, name }: StackFunction): string {
  if (file !== undefined) return line === undefined ? shortPath(file) : `${shortPath(file)}:${line}`;
  return component === name ? '' : component;
}

/** Returns the label of a frame. */
export function labelOf({ called }: Frame): string {
  const place = placeOf(called);
  return place === '' ? called.name : `${called.name} · ${place}`;
}

/** Describes a frame in one line. Times are estimates from samples. */
export function describeFrame(frame: Frame, { totalNs }: Pick<StackView, 'totalNs'>): string {
  const { totalNs: frameNs, selfNs, totalSamples } = frame;
  const share = totalNs > 0 ? percent(frameNs / totalNs) : '';
  const self = `self ~${duration(selfNs)}`;
  return [labelOf(frame), `~${duration(frameNs)} (${share})`, self, `${whole(totalSamples)} samples`].join(' · ');
}

/** Returns the path of a file of a package from its innermost `node_modules` folder. */
function shortPath(file: string): string {
  const index = file.replaceAll('\\', '/').lastIndexOf('/node_modules/');
  return index < 0 ? file : file.slice(index + 1);
}
