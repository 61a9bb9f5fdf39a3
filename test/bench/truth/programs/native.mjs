/** Calls of functions that are not JavaScript: sort with a comparator, Map, hashes and compression. */
import { createHash } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';

const numbers = Array.from({ length: 20_000 }, (_, index) => (index * 7919) % 20_011);
const bytes = Buffer.from(numbers.join());

function compareNumbers(a, b) {
  let order = a - b;
  // <compareNumbers>
  order = order > 0 ? (order % 1009) + 1 : (order % 1009) - 1;
  order = order > 0 ? (order % 499) + 1 : (order % 499) - 1;
  order = order > 0 ? (order % 251) + 1 : (order % 251) - 1;
  order = order > 0 ? (order % 127) + 1 : (order % 127) - 1;
  order = order > 0 ? (order % 61) + 1 : (order % 61) - 1;
  order = order > 0 ? (order % 31) + 1 : (order % 31) - 1;
  // </compareNumbers>
  return order;
}

function rank() {
  let first = 0;
  // <rank - compareNumbers timed>
  first += numbers.toSorted(compareNumbers)[0];
  // </rank>
  return first;
}

function countKeys() {
  let size = 0;
  // <countKeys timed>
  const counts = new Map();
  for (const number of numbers) counts.set(number % 5003, (counts.get(number % 5003) ?? 0) + 1);
  size += counts.size;
  // </countKeys>
  return size;
}

function hashBytes() {
  let length = 0;
  // <hashBytes timed>
  for (let repeat = 0; repeat < 40; repeat++) length += createHash('sha256').update(bytes).digest('hex').length;
  // </hashBytes>
  return length;
}

function compress() {
  let length = 0;
  // <compress timed>
  length += deflateRawSync(bytes).length;
  // </compress>
  return length;
}

export function round() {
  return rank() + countKeys() + hashBytes() + compress();
}
