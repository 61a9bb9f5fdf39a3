/**
 * Rules that a request must satisfy before its body is read.
 *
 * They keep out web pages, which can reach local ports. A page cannot hide its Origin. It cannot send our content types to
 * another site without a CORS preflight request. After DNS rebinding, its requests carry the page's own name as the Host.
 */
import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { contentTypes, type Encoding } from '../decode/decode.ts';

export interface ReceiverAccess {
  readonly port: number;
  /** Token that every request must carry; undefined if no token is required. */
  readonly token: string | undefined;
}

/** Maximum size of a body, both compressed and decompressed. */
export const maxBodyBytes = 16 * 1024 * 1024;

export const bodyTooLarge = `The body must not be larger than ${maxBodyBytes / 1024 / 1024} MB.`;

const signalPaths = ['/v1/traces', '/v1/metrics', '/v1/logs'] as const;
export type SignalPath = (typeof signalPaths)[number];

interface Rule {
  readonly status: number;
  readonly passes: (request: IncomingMessage, receiver: ReceiverAccess) => boolean;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Rules in the order in which they are checked. The first broken rule determines the response. */
export const rules: readonly Rule[] = [
  {
    status: 421,
    passes: ({ headers: { host } }, { port }) =>
      ['127.0.0.1', 'localhost', '[::1]'].some((name) => host?.toLowerCase() === `${name}:${port}`),
    message: 'This receiver accepts only the hosts 127.0.0.1, localhost and [::1].',
  },
  {
    status: 403,
    passes: ({ headers }) => headers.origin === undefined,
    message: 'This receiver does not accept requests from web pages.',
  },
  {
    status: 404,
    passes: (request) => signalPathOf(request) !== undefined,
    message: `The path must be one of ${signalPaths.join(', ')}.`,
  },
  {
    status: 405,
    passes: ({ method }) => method === 'POST',
    message: 'The method must be POST.',
    headers: { allow: 'POST' },
  },
  {
    status: 401,
    passes: ({ headers }, { token }) => token === undefined || isSame(headers.authorization ?? '', `Bearer ${token}`),
    message: 'A valid token is required in the header “Authorization: Bearer …”.',
    headers: { 'www-authenticate': 'Bearer' },
  },
  {
    status: 415,
    passes: (request) => encodingOf(request) !== undefined,
    message: `The content type must be ${Object.values(contentTypes).join(' or ')}.`,
  },
  {
    status: 415,
    passes: ({ headers }) => /^(gzip|identity)?$/i.test(headers['content-encoding'] ?? ''),
    message: 'The body must be uncompressed or compressed with gzip.',
  },
  {
    status: 413,
    passes: ({ headers }) => Number(headers['content-length'] ?? 0) <= maxBodyBytes,
    message: bodyTooLarge,
  },
];

/** Returns the first rule that a request breaks, or undefined. */
export function findBrokenRule(request: IncomingMessage, receiver: ReceiverAccess): Rule | undefined {
  return rules.find(({ passes }) => !passes(request, receiver));
}

export function signalPathOf({ url }: IncomingMessage): SignalPath | undefined {
  return signalPaths.find((path) => path === url?.split('?')[0]);
}

export function encodingOf({ headers }: IncomingMessage): Encoding | undefined {
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  return (Object.keys(contentTypes) as Encoding[]).find((encoding) => contentTypes[encoding] === type);
}

/** Compares in constant time, so that the response time does not reveal the token. */
function isSame(actual: string, expected: string): boolean {
  const [a, b] = [Buffer.from(actual), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
