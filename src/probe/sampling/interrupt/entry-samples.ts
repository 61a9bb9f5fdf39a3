import type { SampledFrame } from './interrupt-sampler.ts';

/** Part of the time of a stack that belongs to it without some of its innermost functions. */
export interface StackShare {
  /** Number of innermost functions to leave out. */
  readonly skipped: 0 | 1;
  readonly share: number;
}

const whole: readonly StackShare[] = [{ skipped: 0, share: 1 }];
const caller: readonly StackShare[] = [{ skipped: 1, share: 1 }];
const halves: readonly StackShare[] = [
  { skipped: 0, share: 0.5 },
  { skipped: 1, share: 0.5 },
];

/** Built-in functions that take about as long between two calls of a function as short functions do. */
const callingBuiltins = new Set(['sort', 'toSorted']);
/** CPU time without a check for interrupts from which on a built-in function must have run. */
const minBuiltinNs = 1e6;
/** Texts between the start of a function and its parameters, beside its name. */
const headLengths = [
  '',
  'function',
  'function ',
  'function* ',
  'async ',
  'async function',
  'async function ',
  'async function* ',
].map(({ length }) => length);

/**
 * Returns whose time a stack stands for. An interrupt is answered at the next turn of a loop or entry of a function. A function
 * that is just entered has not run yet: what ran before is not on the stack.
 *
 * - If the thread ran for long without a check, it was in a built-in function such as `JSON.parse`. Its caller, or a function that
 *   its caller has called before, ran it; the time counts for the caller.
 * - Below `sort`, it is the previous call of the comparator or the sort itself: half of the time counts for each. Measured with ten
 *   programs of known shares, this is closest for `sort`; the methods that V8 inlines, such as `map`, need no correction.
 *
 * @param uncheckedNs CPU time between the request and the stack
 */
export function sharesOfStack(frames: readonly SampledFrame[], uncheckedNs: number): readonly StackShare[] {
  const [innermost, calling] = frames;
  if (!innermost || !calling || !isAtEntry(innermost)) return whole;
  if (uncheckedNs >= minBuiltinNs) return caller;
  return calling.url === '' && callingBuiltins.has(calling.functionName) ? halves : whole;
}

/** Returns true if a function stands at its parameters, where V8 checks for interrupts on entry. */
function isAtEntry({ url, functionName, lineNumber, columnNumber, line, column }: SampledFrame): boolean {
  if (url === '' || line - 1 !== lineNumber) return false;
  const offset = column - 1 - columnNumber;
  const name = functionName.slice(functionName.lastIndexOf('.') + 1);
  return headLengths.includes(offset) || headLengths.includes(offset - name.length);
}
