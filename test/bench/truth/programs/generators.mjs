/** Generators that feed each other, and a function that consumes them. */
function* produce(count) {
  let value = 1;
  for (let index = 0; index < count; index++) {
    // <produce>
    for (let step = 0; step < 20; step++) value = (value * 75 + 74) % 65537;
    // </produce>
    yield value;
  }
}

function* combine(source) {
  let state = 0;
  for (const value of source) {
    // <combine>
    for (let step = 0; step < 12; step++) state = (state * 31 + value) % 8191;
    // </combine>
    yield state;
  }
}

function collect(source) {
  let sum = 0;
  for (const value of source) {
    // <collect>
    for (let step = 0; step < 30; step++) sum = (sum * 17 + value) % 99991;
    // </collect>
  }
  return sum;
}

export function round() {
  return collect(combine(produce(60_000)));
}
