/** Regular expressions and JSON: most of the time is spent in functions that are not JavaScript. */
const rows = Array.from({ length: 600 }, (_, index) => ({
  id: index,
  name: `name ${index}`,
  tags: ['a', 'b', String(index)],
  price: index / 7,
}));
const json = JSON.stringify(rows);
const log = Array.from(
  { length: 3000 },
  (_, index) => `2026-01-${(index % 28) + 1} GET /path/${index}?q=${index % 13} ${200 + (index % 5)} ${index}ms`,
);
const request = /^(\S+) (GET|POST) (\/[\w/]*)\?q=(\d+) (\d{3}) (\d+)ms$/;

function parseRows() {
  let count = 0;
  // <parseRows timed>
  for (let repeat = 0; repeat < 6; repeat++) count += JSON.parse(json).length;
  // </parseRows>
  return count;
}

function formatRows() {
  let length = 0;
  // <formatRows timed>
  for (let repeat = 0; repeat < 8; repeat++) length += JSON.stringify(rows).length;
  // </formatRows>
  return length;
}

function matchLines() {
  let sum = 0;
  // <matchLines timed>
  for (const line of log) sum += Number(request.exec(line)?.[6] ?? 0);
  // </matchLines>
  return sum;
}

function replaceDigits() {
  let length = 0;
  // <replaceDigits timed>
  for (const line of log) length += line.replace(/\d+/g, '#').length;
  // </replaceDigits>
  return length;
}

export function round() {
  return parseRows() + formatRows() + matchLines() + replaceDigits();
}
