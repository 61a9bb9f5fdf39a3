/** Content as one short text: its SHA-256, of a text that of its UTF-8. */
import { hash } from 'node:crypto';

export function hashOf(content: Uint8Array | string): string {
  return hash('sha256', content);
}
