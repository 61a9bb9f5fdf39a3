/** A canvas on which a sheet draws a picture, anew with each state. */
import { useLayoutEffect, useRef } from 'preact/hooks';
import { type Brush, type Picture, Sheet } from '../charts/xy-chart.ts';

export interface PaperProps {
  readonly id: string;
  /** What there is to see, in words. */
  readonly label: string;
  readonly picture: Picture;
  /** Hears of the brush, which knows what lies under a pointer. */
  readonly onBrush?: (brush: Brush) => void;
}

export function Paper({ id, label, picture, onBrush }: PaperProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const sheet = useRef<Sheet>(null);
  useLayoutEffect(() => {
    if (!canvas.current) return undefined;
    const made = new Sheet(canvas.current);
    sheet.current = made;
    onBrush?.(made.brush);
    return () => made.close();
  }, []);
  useLayoutEffect(() => sheet.current?.draw(picture));
  return <canvas ref={canvas} id={id} role="img" aria-label={label} />;
}
