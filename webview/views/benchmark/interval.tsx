/** Draws the interval of a change on a logarithmic scale, with the noise band around "no change". */
import { formatChangeInterval } from '../../../src/core/benchmark/interval-text.ts';
import { change, missing } from '../../../src/core/format.ts';
import type { ComparisonState, ComparisonViewRow } from '../../../src/protocol/panel/benchmark-state.ts';
import { verdictColors } from '../../charts/history-chart.ts';

type Scale = ComparisonState['scale'];

/** In pixels. */
const width = 170;
const height = 14;

function positionOnScale(ratio: number, { low, high }: Scale): number {
  const share = Math.log(ratio / low) / Math.log(high / low);
  return Math.min(width, Math.max(0, share * width));
}

export function IntervalBar({ row, scale }: { readonly row: ComparisonViewRow; readonly scale: Scale }) {
  const { ratio, lowRatio, highRatio, noiseFloor, verdict } = row;
  if (lowRatio === undefined || highRatio === undefined) return <span class="dim">{missing}</span>;
  const { low, high } = scale;
  const positionOf = (value: number): number => positionOnScale(value, scale);
  const [left, right] = [positionOf(lowRatio), positionOf(highRatio)];
  const [noiseLeft, noiseRight] = [positionOf(1 / (1 + noiseFloor)), positionOf(1 + noiseFloor)];
  const label = `${change(ratio - 1)}, 95 % interval ${formatChangeInterval(row)}, noise floor ${change(noiseFloor)}`;
  return (
    <svg class={`interval ${verdictColors[verdict] ?? ''}`} width={width} height={height} role="img" aria-label={label}>
      <title>{label}</title>
      <rect class="noise" x={noiseLeft} y="0" width={Math.max(1, noiseRight - noiseLeft)} height={height} />
      <rect class="no-change" x={positionOf(1) - 0.5} y="0" width="1" height={height} />
      <rect class="range" x={Math.min(left, width - 2)} y="5" width={Math.max(2, right - left)} height="4" />
      {ratio > high || ratio < low ? (
        <path class="estimate" d={arrowPath(ratio > high)} />
      ) : (
        <rect class="estimate" x={positionOf(ratio) - 1.5} y="2" width="3" height="10" />
      )}
    </svg>
  );
}

/** Returns an arrow at the end of the scale, for an estimate beyond it. */
function arrowPath(isRight: boolean): string {
  const [tip, base] = isRight ? [width, width - 7] : [0, 7];
  return `M${base} 2 L${tip} 7 L${base} 12 Z`;
}

/** Labels of the scale, shown in the column header. */
export function ScaleTicks({ scale }: { readonly scale: Scale }) {
  return (
    <svg class="ticks" width={width} height={height} aria-hidden="true">
      {scale.ticks.map((ratio) => (
        <text key={ratio} x={positionOnScale(ratio, scale)} y="11" text-anchor="middle">
          {ratio}×
        </text>
      ))}
    </svg>
  );
}
