/** A canvas with an `XyChart` that is redrawn on every render. */
import { useLayoutEffect, useRef } from 'preact/hooks';
import { type ChartPainter, XyChart, type XyChartSpec } from '../charts/xy-chart.ts';

interface CanvasChartProps {
  readonly id: string;
  /** Text alternative for screen readers. */
  readonly label: string;
  readonly spec: XyChartSpec;
  /** Receives the painter, which maps pointer positions to values. */
  readonly onReady?: (painter: ChartPainter) => void;
}

export function CanvasChart({ id, label, spec, onReady }: CanvasChartProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const chart = useRef<XyChart>(null);
  useLayoutEffect(() => {
    if (!canvas.current) return undefined;
    const newChart = new XyChart(canvas.current);
    chart.current = newChart;
    onReady?.(newChart.painter);
    return () => newChart.destroy();
  }, []);
  useLayoutEffect(() => chart.current?.draw(spec));
  return <canvas ref={canvas} id={id} role="img" aria-label={label} />;
}
