/** The few questions a guard asks of a value that came over a process border; every other file of this room builds on them. */

export type Unknown = Readonly<Record<string, unknown>>;

/** Longest name, path or message accepted over a border, in UTF-16 code units. */
export const longestText = 4096;

export function isRecord(value: unknown): value is Unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= longestText;
}

/** A finite number that is not negative: a count, a size or a duration. */
export function isAmount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value < Number.POSITIVE_INFINITY;
}

export function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

export function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

export function isOptional<T>(value: unknown, guard: (value: unknown) => value is T): value is T | undefined {
  return value === undefined || guard(value);
}

export function isListOf<T>(
  value: unknown,
  guard: (value: unknown) => value is T,
  longest: number,
): value is readonly T[] {
  return Array.isArray(value) && value.length <= longest && value.every(guard);
}

export function isMapOf<T>(
  value: unknown,
  guard: (value: unknown) => value is T,
): value is Readonly<Record<string, T>> {
  return isRecord(value) && Object.entries(value).every(([key, entry]) => isText(key) && guard(entry));
}
