/** How far a ratio and its interval lie from no change: bars on one logarithmic scale, with the band of noise. */
import { change } from '../../../src/core/format.ts';
import type { ComparedRow, ComparisonState } from '../../../src/protocol/benchmark-state.ts';
import { verdictColors } from '../../charts/history-chart.ts';

type Scale = ComparisonState['scale'];

/** Pixels. */
const width = 170;
const height = 14;

function placeOf(ratio: number, { low, high }: Scale): number {
  const share = Math.log(ratio / low) / Math.log(high / low);
  return Math.min(width, Math.max(0, share * width));
}

export function Interval({ row, scale }: { readonly row: ComparedRow; readonly scale: Scale }) {
  const { ratio, lowRatio, highRatio, noiseFloor, verdict } = row;
  const { low, high } = scale;
  const at = (value: number): number => placeOf(value, scale);
  const [left, right] = [at(lowRatio), at(highRatio)];
  const [from, to] = [at(1 / (1 + noiseFloor)), at(1 + noiseFloor)];
  const label = `${change(ratio - 1)}, 95 % interval ${intervalText(row)}, noise up to ${change(noiseFloor)}`;
  return (
    <svg class={`interval ${verdictColors[verdict] ?? ''}`} width={width} height={height} role="img" aria-label={label}>
      <title>{label}</title>
      <rect class="noise" x={from} y="0" width={Math.max(1, to - from)} height={height} />
      <rect class="one" x={at(1) - 0.5} y="0" width="1" height={height} />
      <rect class="reach" x={Math.min(left, width - 2)} y="5" width={Math.max(2, right - left)} height="4" />
      {ratio > high || ratio < low ? (
        <path class="middle" d={arrow(ratio > high)} />
      ) : (
        <rect class="middle" x={at(ratio) - 1.5} y="2" width="3" height="10" />
      )}
    </svg>
  );
}

/** At the end of the scale: what it points to lies beyond. */
function arrow(isRight: boolean): string {
  const [tip, foot] = isRight ? [width, width - 7] : [0, 7];
  return `M${foot} 2 L${tip} 7 L${foot} 12 Z`;
}

/** The scale at the head of the bars. */
export function Ticks({ scale }: { readonly scale: Scale }) {
  return (
    <svg class="ticks" width={width} height={height} aria-hidden="true">
      {scale.ticks.map((ratio) => (
        <text key={ratio} x={placeOf(ratio, scale)} y="11" text-anchor="middle">
          {ratio}×
        </text>
      ))}
    </svg>
  );
}

export function intervalText({ lowRatio, highRatio }: Pick<ComparedRow, 'lowRatio' | 'highRatio'>): string {
  return `${change(lowRatio - 1)} to ${change(highRatio - 1)}`;
}
