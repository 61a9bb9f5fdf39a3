/** Asynchronous functions that compute between waits for promises and for timers of 0 ms. */
import { setImmediate } from 'node:timers/promises';

const text = 'The quick brown fox jumps over the lazy dog. '.repeat(8);

async function readRow(seed) {
  let row = seed;
  await undefined;
  // <readRow>
  for (let index = 0; index < 900; index++) row = (row * 69069 + index) % 4294967291;
  // </readRow>
  return row;
}

async function countLetters(seed) {
  let count = seed % 7;
  await undefined;
  // <countLetters>
  for (let index = 0; index < text.length; index++) count = (count * 3 + text.charCodeAt(index)) % 8191;
  // </countLetters>
  return count;
}

async function saveRow(row) {
  const count = await countLetters(row);
  let sum = count;
  // <saveRow>
  for (let index = 1; index < 250; index++) sum = (sum + Math.floor(row / index)) % 999983;
  // </saveRow>
  return sum;
}

export async function round() {
  let sum = 0;
  for (let batch = 0; batch < 20; batch++) {
    const rows = await Promise.all(Array.from({ length: 25 }, (_, index) => readRow(index)));
    for (const row of rows) sum += await saveRow(row);
    await setImmediate();
  }
  return sum;
}
