import { createHash, hash } from 'node:crypto';

/** Returns the SHA-256 hash of some content in hexadecimal. Text is hashed as UTF-8. */
export function hashOf(content: Uint8Array | string): string {
  return hash('sha256', content);
}

/** Returns the hash of some parts that follow each other, without joining them. */
export function hashAll(parts: readonly Uint8Array[]): string {
  const sum = createHash('sha256');
  for (const part of parts) sum.update(part);
  return sum.digest('hex');
}
