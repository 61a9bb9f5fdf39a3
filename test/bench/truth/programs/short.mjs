/** Short functions without loops, called in a loop. Each needs the result of the one before, so that their times add up. */
function scramble(value) {
  let x = value;
  // <scramble>
  x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d);
  x = Math.imul(x ^ (x >>> 12), 0x297a2d39);
  x = Math.imul(x ^ (x >>> 15), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  // </scramble>
  return x | 0;
}

function project(value) {
  let x = value;
  // <project>
  x = Math.sqrt(x * x + 1.5) / 1.0001;
  x = Math.sqrt(x * x + 2.5) / 1.0002;
  // </project>
  return x;
}

function classify(value) {
  let x = value;
  // <classify>
  x = x % 2 === 0 ? x >> 1 : (x * 3 + 1) | 0;
  x = x % 3 === 0 ? (x / 3) | 0 : (x + 7) | 0;
  // </classify>
  return x;
}

export function round() {
  let state = 1;
  for (let i = 0; i < 300_000; i++) {
    state = scramble(state + i);
    state = project(state & 0xffff) | 0;
    state = classify(state + i);
  }
  return state;
}
