/**
 * Serializes plain data to canonical JSON (RFC 8785), so that equal values have equal hashes everywhere: keys sorted by
 * UTF-16 code units, no whitespace, numbers as JavaScript writes them. Throws a TypeError for anything that is not JSON.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    // String comparison is by code units, and no two keys are equal.
    const sorted = entries.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${sorted.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
  }
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)) {
    return JSON.stringify(value);
  }
  throw new TypeError(`${String(value)} cannot be represented as canonical JSON.`);
}
