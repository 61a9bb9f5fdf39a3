/** Two workers that compute, and a main thread that waits for them. */
import { isMainThread, Worker, workerData } from 'node:worker_threads';

const size = 48;
const [left, right] = [new Float64Array(size * size).fill(1.5), new Float64Array(size * size).fill(0.5)];

function multiply(product) {
  // <multiply timed>
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++) {
      let sum = product[row * size + column];
      for (let k = 0; k < size; k++) sum += left[row * size + k] * right[k * size + column];
      product[row * size + column] = sum % 10007;
    }
  // </multiply>
  return product;
}

function sieve(limit) {
  let count = 0;
  // <sieve timed>
  const composite = new Uint8Array(limit);
  for (let number = 2; number < limit; number++) {
    if (composite[number]) continue;
    count++;
    for (let multiple = number * 2; multiple < limit; multiple += number) composite[multiple] = 1;
  }
  // </sieve>
  return count;
}

function digest(seed) {
  let hash = seed;
  // <digest timed>
  for (let index = 0; index < 8000; index++) hash = (hash * 31 + index) % 65521;
  // </digest>
  return hash;
}

export function round() {
  let sum = 0;
  for (let repeat = 0; repeat < 20; repeat++)
    sum += multiply(new Float64Array(size * size))[7] + sieve(12_000) + digest(repeat);
  return sum;
}

export async function main(rounds) {
  await Promise.all(
    [1, 2].map(
      () =>
        new Promise((resolve, reject) => {
          new Worker(import.meta.filename, { workerData: { rounds } }).once('exit', resolve).once('error', reject);
        }),
    ),
  );
}

if (!isMainThread && workerData?.rounds) for (let index = 0; index < workerData.rounds; index++) round();
