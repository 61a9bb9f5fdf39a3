/** How densely samples lie along an axis: a curve that shows two peaks where a median shows one number. */
import type { Density } from '../../protocol/benchmark-state.ts';
import { mad, median } from './statistics.ts';

/** Places at which the curve is told; more would not be seen. */
const places = 61;

export interface Spread {
  readonly low: number;
  readonly high: number;
  readonly before: Density;
  readonly after: Density;
}

/** Both sides on one axis, the highest place of both at 1; each side has at least one sample. */
export function spreadOf(before: readonly number[], after: readonly number[]): Spread {
  const all = [...before, ...after];
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const margin = (most - least || Math.abs(least) || 1) * 0.06;
  const [low, high] = [Math.max(0, least - margin), most + margin];
  const curves = [before, after].map((samples) => curve(samples, low, high));
  const top = Math.max(...curves.flat());
  const [first = [], second = []] = curves.map((heights) => heights.map((height) => rounded(height / top)));
  return { low, high, before: { samples: before, heights: first }, after: { samples: after, heights: second } };
}

/** Kernel density estimate with Gauss's bell, its width by Silverman's rule (1986) on the median absolute deviation. */
function curve(samples: readonly number[], low: number, high: number): number[] {
  const step = (high - low) / (places - 1);
  const deviation = Math.min(1.4826 * mad(samples) || Number.POSITIVE_INFINITY, standardDeviation(samples));
  const width = Math.max(step, 0.9 * deviation * samples.length ** -0.2);
  return Array.from({ length: places }, (_, at) => {
    const place = low + at * step;
    const sum = samples.reduce((all, value) => all + Math.exp(-0.5 * ((value - place) / width) ** 2), 0);
    return sum / (samples.length * width);
  });
}

function standardDeviation(samples: readonly number[]): number {
  const middle = median([...samples]);
  return Math.sqrt(samples.reduce((sum, value) => sum + (value - middle) ** 2, 0) / samples.length);
}

function rounded(height: number): number {
  return Math.round(height * 1000) / 1000;
}
