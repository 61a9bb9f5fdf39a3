/**
 * The numbers of exactly timed functions, in memory that the program's thread and the sampler share: the one counts, the
 * other reads and says what to time. Each function has its row; a row has one writer for each of its words.
 */
import { bucketCount } from '../record/buckets.ts';

/** Functions timed exactly in one thread; later ones are left as they are. */
export const rows = 1024;
/** In `mask`: the function is neither counted nor timed. Else a call is timed when its number and the mask have no bit in common. */
export const off = -1;

const sums = ['totalNs', 'cpuNs', 'minNs', 'maxNs'] as const;
const words = ['count', 'skipped', 'outer', 'outerTimed', 'errors', 'active', 'timed', 'used', 'mask'] as const;

type Sums = { readonly [Name in (typeof sums)[number]]: Float64Array };
type Words = { readonly [Name in (typeof words)[number]]: Int32Array };

export interface Counters extends Sums, Words {
  readonly memory: SharedArrayBuffer;
  readonly buckets: Uint32Array;
  /** One word: calls of one function that may be timed in one beat before it is timed more rarely. */
  readonly quota: Int32Array;
}

/** Pages that no function uses are never touched, so the size is one of addresses, not of memory. */
const size = rows * (sums.length * 8 + (words.length + bucketCount) * 4) + 8;

export function counters(memory: SharedArrayBuffer = new SharedArrayBuffer(size)): Counters {
  let at = 0;
  const take = (bytes: number): number => {
    at += bytes;
    return at - bytes;
  };
  const float = (): Float64Array => new Float64Array(memory, take(rows * 8), rows);
  const whole = (): Int32Array => new Int32Array(memory, take(rows * 4), rows);
  return {
    memory,
    ...(Object.fromEntries(sums.map((name) => [name, float()])) as unknown as Sums),
    ...(Object.fromEntries(words.map((name) => [name, whole()])) as unknown as Words),
    buckets: new Uint32Array(memory, take(rows * bucketCount * 4), rows * bucketCount),
    quota: new Int32Array(memory, take(4), 1),
  };
}
