/** Functions that allocate: short-lived objects, arrays that live for a while, and strings. */
const living = [];

function makePoints(count) {
  let sum = 0;
  // <makePoints timed>
  for (let index = 0; index < count; index++) {
    const points = Array.from([index, index + 1, index + 2]);
    sum += points.length + { x: index, y: points }.x;
  }
  // </makePoints>
  return sum;
}

function keepRows(count) {
  // <keepRows timed>
  for (let index = 0; index < count; index++) {
    living.push({ id: index, values: [index, index * 2, index * 3, index * 4] });
    if (living.length > 30_000) living.splice(0, 15_000);
  }
  // </keepRows>
  return living.length;
}

function joinWords(count) {
  let length = 0;
  // <joinWords timed>
  for (let index = 0; index < count; index++)
    length += [`word ${index}`, `tail ${length}`].join('-').toUpperCase().length;
  // </joinWords>
  return length;
}

export function round() {
  return makePoints(100_000) + keepRows(60_000) + joinWords(20_000);
}
