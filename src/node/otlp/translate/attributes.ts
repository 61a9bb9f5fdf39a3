/** Reads attributes of OpenTelemetry and limits their size to what a batch may carry. */
import type { Attributes } from '../../../protocol/batch/batch.ts';
import type { OtlpAttribute } from '../decode/otlp-schema.ts';

/** Maximum number of attributes kept for each span. */
const maxAttributes = 32;
const maxValueLength = 1000;

export function getAttribute(
  attributes: readonly OtlpAttribute[],
  name: string,
): string | number | boolean | undefined {
  const value = attributes.find(({ key }) => key === name)?.value;
  return value && (value.stringValue ?? value.boolValue ?? value.intValue ?? value.doubleValue);
}

/** Returns the first non-empty string among the attributes with these names, in the order of the names. */
export function getText(attributes: readonly OtlpAttribute[], ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = getAttribute(attributes, name);
    if (typeof value === 'string' && value !== '') return value;
  }
  return undefined;
}

/** Returns the first non-negative integer among the attributes with these names, in the order of the names. */
export function getWholeNumber(attributes: readonly OtlpAttribute[], ...names: readonly string[]): number | undefined {
  for (const name of names) {
    const value = getAttribute(attributes, name);
    if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  }
  return undefined;
}

/** Converts attributes for a span event: strings, booleans and finite numbers, limited in number and length. */
export function toPlainAttributes(attributes: readonly OtlpAttribute[]): Attributes {
  const entries = attributes.flatMap(({ key = '' }): [string, string | number | boolean][] => {
    const value = getAttribute(attributes, key);
    if (value === undefined || (typeof value === 'number' && !Number.isFinite(value))) return [];
    return [[truncate(key, maxValueLength), typeof value === 'string' ? truncate(value, maxValueLength) : value]];
  });
  return Object.fromEntries(entries.slice(0, maxAttributes));
}

/** Truncates a text. The result is a copy, because a slice would keep the whole text in memory. */
export function truncate(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : Buffer.from(text.slice(0, maxLength)).toString();
}
