import { hash } from 'node:crypto';

/** Returns the SHA-256 hash of some content in hexadecimal. Text is hashed as UTF-8. */
export function hashOf(content: Uint8Array | string): string {
  return hash('sha256', content);
}
