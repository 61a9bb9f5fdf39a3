/** Kernel density estimates: curves that show two peaks where a median shows one number. */
import type { DensityPair } from '../../protocol/panel/benchmark-state.ts';
import { mad, median } from './statistics.ts';

/** Number of points of a curve; more would not be visible. */
const pointCount = 61;

/** Estimates the densities of two non-empty samples on a common axis. The highest point of both curves has height 1. */
export function estimateDensities(before: readonly number[], after: readonly number[]): DensityPair {
  const all = [...before, ...after];
  const [min, max] = [Math.min(...all), Math.max(...all)];
  const margin = (max - min || Math.abs(min) || 1) * 0.06;
  const [low, high] = [Math.max(0, min - margin), max + margin];
  const curves = [before, after].map((samples) => computeCurve(samples, low, high));
  const top = Math.max(...curves.flat());
  const [first = [], second = []] = curves.map((heights) => heights.map((height) => roundHeight(height / top)));
  return { low, high, before: { samples: before, heights: first }, after: { samples: after, heights: second } };
}

/**
 * Computes a density with a Gaussian kernel. The bandwidth follows Silverman's rule (1986), applied to the median absolute
 * deviation.
 */
function computeCurve(samples: readonly number[], low: number, high: number): number[] {
  const step = (high - low) / (pointCount - 1);
  const deviation = Math.min(1.4826 * mad(samples) || Number.POSITIVE_INFINITY, standardDeviation(samples));
  const width = Math.max(step, 0.9 * deviation * samples.length ** -0.2);
  return Array.from({ length: pointCount }, (_, index) => {
    const position = low + index * step;
    const sum = samples.reduce((total, value) => total + Math.exp(-0.5 * ((value - position) / width) ** 2), 0);
    return sum / (samples.length * width);
  });
}

function standardDeviation(samples: readonly number[]): number {
  const middle = median([...samples]);
  return Math.sqrt(samples.reduce((sum, value) => sum + (value - middle) ** 2, 0) / samples.length);
}

function roundHeight(height: number): number {
  return Math.round(height * 1000) / 1000;
}
