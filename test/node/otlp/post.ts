/** Sends a request to the receiver with arbitrary headers, including ones that `fetch` forbids. */
import { type IncomingHttpHeaders, request } from 'node:http';

export interface PostRequest {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
}

export interface PostResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export function post(
  port: number,
  { path = '/v1/traces', method = 'POST', headers = {}, body }: PostRequest,
): Promise<PostResponse> {
  return new Promise((resolve, reject) => {
    const clientRequest = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    clientRequest.on('error', reject);
    clientRequest.end(body);
  });
}
