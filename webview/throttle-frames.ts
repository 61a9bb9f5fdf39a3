/** Limits drawing to one animation frame at a time, because states may arrive faster than the screen refreshes. */

/**
 * Returns a function that accepts states at any rate. `draw` gets the newest state, at most once per frame; `onDrawn`
 * gets the time that took, in nanoseconds.
 */
export function throttleFrames<State>(
  draw: (state: State) => void,
  onDrawn: (drawNs: number) => void,
): (state: State) => void {
  let newest: State;
  let isScheduled = false;

  function drawFrame(): void {
    isScheduled = false;
    const start = performance.now();
    draw(newest);
    onDrawn(Math.round((performance.now() - start) * 1e6));
  }

  return (state) => {
    newest = state;
    if (isScheduled) return;
    isScheduled = true;
    requestAnimationFrame(drawFrame);
  };
}
