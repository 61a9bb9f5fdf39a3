/** Reads attributes: plain values by name, and texts no longer than a batch may carry. */
import type { Attributes } from '../../../protocol/event.ts';
import type { Attribute } from '../decode/otlp-schema.ts';

/** Attributes of one span that are kept, and the longest value. */
const attributesKept = 32;
const longestValue = 1000;

export function attributeOf(attributes: readonly Attribute[], name: string): string | number | boolean | undefined {
  const value = attributes.find(({ key }) => key === name)?.value;
  return value && (value.stringValue ?? value.boolValue ?? value.intValue ?? value.doubleValue);
}

/** The first text among attributes of these names, newest name first; an empty one is none. */
export function textOf(attributes: readonly Attribute[], ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = attributeOf(attributes, name);
    if (typeof value === 'string' && value !== '') return value;
  }
  return undefined;
}

/** The first whole number that is not negative among attributes of these names. */
export function wholeOf(attributes: readonly Attribute[], ...names: readonly string[]): number | undefined {
  for (const name of names) {
    const value = attributeOf(attributes, name);
    if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  }
  return undefined;
}

/** The plain ones, as an example carries them. */
export function plainOf(attributes: readonly Attribute[]): Attributes {
  const entries = attributes.flatMap(({ key = '' }): [string, string | number | boolean][] => {
    const value = attributeOf(attributes, key);
    if (value === undefined || (typeof value === 'number' && !Number.isFinite(value))) return [];
    return [[short(key, longestValue), typeof value === 'string' ? short(value, longestValue) : value]];
  });
  return Object.fromEntries(entries.slice(0, attributesKept));
}

/** A text of at most this length; a copy, because a slice would keep the whole in memory. */
export function short(text: string, most: number): string {
  return text.length <= most ? text : Buffer.from(text.slice(0, most)).toString();
}
