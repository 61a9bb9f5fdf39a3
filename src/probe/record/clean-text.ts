/** Maximum lengths of texts that the guest keeps. Longer ones are cut, because they only serve to recognize a name. */
export const maxComponentLength = 200;
export const maxNameLength = 400;

/** Name of an operation, counter or item whose name cannot be used. */
export const unnamed = '(unnamed)';

/**
 * Returns a value as text of at most `maxLength`, or undefined if it is neither a string nor another primitive with a text.
 * Calls no code of the program, so it cannot throw.
 */
export function cleanText(value: unknown, maxLength: number): string | undefined {
  if (typeof value === 'string') return value.length <= maxLength ? value : cut(value, maxLength);
  const isPrintable = typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean';
  return isPrintable ? cleanText(String(value), maxLength) : undefined;
}

/**
 * Cuts a text. V8 would keep the whole text in memory for a part of it, so the part is copied. The copy also repairs a
 * character that was cut in half.
 */
function cut(text: string, maxLength: number): string {
  return Buffer.from(text.slice(0, maxLength)).toString();
}
