/** One request to the receiver, with headers that a client of its own would not let through. */
import { type IncomingHttpHeaders, request } from 'node:http';

export interface Sent {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
}

export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export function post(
  port: number,
  { path = '/v1/traces', method = 'POST', headers = {}, body }: Sent,
): Promise<Answered> {
  return new Promise((done, fail) => {
    const sending = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        done({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    sending.on('error', fail);
    sending.end(body);
  });
}
