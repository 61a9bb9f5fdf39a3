/** Reads attributes of OpenTelemetry and limits their size to what a batch may carry. */
import type { Attributes } from '../../../protocol/batch/batch.ts';
import type { OtlpAttribute } from '../decode/otlp-schema.ts';

type Scalar = string | number | boolean;

/** Limits for each span. Their total is what a span may keep in memory, in UTF-16 code units. */
const maxAttributes = 32;
const maxValueLength = 1000;
const maxTotalLength = 8000;

export function getAttribute(attributes: readonly OtlpAttribute[], name: string): Scalar | undefined {
  return scalarOf(attributes.find(({ key }) => key === name));
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

/**
 * Converts attributes for a span event: strings, booleans and finite numbers, limited in number and length. Of several
 * attributes with the same key, the first is used.
 */
export function toPlainAttributes(attributes: readonly OtlpAttribute[]): Attributes {
  const plain = new Map<string, Scalar>();
  let length = 0;
  for (const attribute of attributes) {
    const value = scalarOf(attribute);
    if (value === undefined || (typeof value === 'number' && !Number.isFinite(value))) continue;
    const key = truncate(attribute.key ?? '', maxValueLength);
    if (plain.has(key)) continue;
    const short = typeof value === 'string' ? truncate(value, maxValueLength) : value;
    length += key.length + String(short).length;
    if (plain.size >= maxAttributes || length > maxTotalLength) break;
    plain.set(key, short);
  }
  return Object.fromEntries(plain);
}

function scalarOf(attribute: OtlpAttribute | undefined): Scalar | undefined {
  const value = attribute?.value;
  return value && (value.stringValue ?? value.boolValue ?? value.intValue ?? value.doubleValue);
}

/** Truncates a text. The result is a copy, because a slice would keep the whole text in memory. */
export function truncate(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : Buffer.from(text.slice(0, maxLength)).toString();
}
