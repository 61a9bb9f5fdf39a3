/** The content of a file as one short text. */
import { hash } from 'node:crypto';

export function hashOf(bytes: Uint8Array): string {
  return hash('sha256', bytes);
}
