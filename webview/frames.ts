/** States may arrive faster than the screen can show them: the newest is kept, and one animation frame is asked for. */

/**
 * Returns a function that takes states at any pace; `draw` gets only the newest, at most once a frame, and `drawn` what
 * that took, in nanoseconds.
 */
export function frames<State>(draw: (state: State) => void, drawn: (drawNs: number) => void): (state: State) => void {
  let newest: State;
  let asked = false;

  function frame(): void {
    asked = false;
    const start = performance.now();
    draw(newest);
    drawn(Math.round((performance.now() - start) * 1e6));
  }

  return (state) => {
    newest = state;
    if (asked) return;
    asked = true;
    requestAnimationFrame(frame);
  };
}
