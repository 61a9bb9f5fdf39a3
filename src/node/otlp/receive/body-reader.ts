/** Reads and decompresses request bodies in bounded memory, however many senders there are and however they split them. */
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { maxBodyBytes } from './request-rules.ts';

/** Maximum number of bytes of all bodies that are being read. */
const maxPendingBytes = 4 * maxBodyBytes;
const minCapacity = 16 * 1024;

const gunzipAsync = promisify(gunzip);

/** A body, or the reason why it was not read to its end. `busy` means that other bodies use all the memory. */
export type ReadBody =
  | { readonly kind: 'body'; readonly bytes: Buffer }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'busy' };

export class BodyReader {
  #pendingBytes = 0;
  /** Settles when no body is being decompressed. Each could need the maximum size, so only one is at a time. */
  #decompressed: Promise<unknown> = Promise.resolve();

  /** Reads the body of a request. Rejects if the sender disconnects or the body is not compressed as declared. */
  async read(request: IncomingMessage): Promise<ReadBody> {
    let buffer = Buffer.alloc(0);
    let length = 0;
    try {
      for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        const end = length + chunk.length;
        if (end > maxBodyBytes) return { kind: 'too-large' };
        if (end > buffer.length) {
          // Copied into one buffer, because a list of tiny chunks takes many times the memory of their bytes.
          const capacity = Math.min(maxBodyBytes, Math.max(2 * buffer.length, end, minCapacity));
          if (this.#pendingBytes + capacity - buffer.length > maxPendingBytes) return { kind: 'busy' };
          this.#pendingBytes += capacity - buffer.length;
          buffer = Buffer.concat([buffer.subarray(0, length)], capacity);
        }
        chunk.copy(buffer, length);
        length = end;
      }
      const bytes = buffer.subarray(0, length);
      const isCompressed = request.headers['content-encoding']?.toLowerCase() === 'gzip';
      return isCompressed ? await this.#decompress(bytes) : { kind: 'body', bytes };
    } finally {
      this.#pendingBytes -= buffer.length;
    }
  }

  #decompress(bytes: Buffer): Promise<ReadBody> {
    const decompressed = this.#decompressed.then(() => decompress(bytes));
    this.#decompressed = decompressed.catch(() => undefined);
    return decompressed;
  }
}

async function decompress(bytes: Buffer): Promise<ReadBody> {
  try {
    return { kind: 'body', bytes: await gunzipAsync(bytes, { maxOutputLength: maxBodyBytes }) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return { kind: 'too-large' };
    throw error;
  }
}
