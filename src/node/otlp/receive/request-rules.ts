/**
 * Who may send: a table of what every request must show, before its body is looked at.
 *
 * A web page can reach a port of this machine. It cannot hide its Origin, cannot send our content types to another site
 * without asking first, and through a name that it has pointed here it shows that name as the Host.
 */
import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { contentTypes, type Encoding } from '../decode/decode.ts';

export interface House {
  readonly port: number;
  /** Asked of every sender, where there is one. */
  readonly token: string | undefined;
}

/** Largest body, before and after it is unpacked. */
export const longestBody = 16 * 1024 * 1024;

export const paths = ['/v1/traces', '/v1/metrics', '/v1/logs'] as const;
export type Path = (typeof paths)[number];

interface Rule {
  readonly status: number;
  readonly passes: (request: IncomingMessage, house: House) => boolean;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** In the order in which they are asked: the first that is broken is the answer. */
export const rules: readonly Rule[] = [
  {
    status: 421,
    passes: ({ headers: { host } }, { port }) =>
      ['127.0.0.1', 'localhost', '[::1]'].some((name) => host?.toLowerCase() === `${name}:${port}`),
    message: 'This receiver answers to 127.0.0.1, localhost and [::1] only.',
  },
  {
    status: 403,
    passes: ({ headers }) => headers.origin === undefined,
    message: 'Web pages may not send here.',
  },
  {
    status: 404,
    passes: (request) => pathOf(request) !== undefined,
    message: `Send to ${paths.join(', ')}.`,
  },
  {
    status: 405,
    passes: ({ method }) => method === 'POST',
    message: 'Send with POST.',
    headers: { allow: 'POST' },
  },
  {
    status: 401,
    passes: ({ headers }, { token }) => token === undefined || isSame(headers.authorization ?? '', `Bearer ${token}`),
    message: 'Send the token of this receiver as “Authorization: Bearer …”.',
    headers: { 'www-authenticate': 'Bearer' },
  },
  {
    status: 415,
    passes: (request) => encodingOf(request) !== undefined,
    message: `Send ${Object.values(contentTypes).join(' or ')}.`,
  },
  {
    status: 415,
    passes: ({ headers }) => /^(gzip|identity)?$/i.test(headers['content-encoding'] ?? ''),
    message: 'Send the body as it is or packed with gzip.',
  },
  {
    status: 413,
    passes: ({ headers }) => Number(headers['content-length'] ?? 0) <= longestBody,
    message: `Send at most ${longestBody / 1024 / 1024} MB at once.`,
  },
];

/** The rule that a request breaks, if any. */
export function brokenRule(request: IncomingMessage, house: House): Rule | undefined {
  return rules.find(({ passes }) => !passes(request, house));
}

export function pathOf({ url }: IncomingMessage): Path | undefined {
  return paths.find((path) => path === url?.split('?')[0]);
}

export function encodingOf({ headers }: IncomingMessage): Encoding | undefined {
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  return (Object.keys(contentTypes) as Encoding[]).find((encoding) => contentTypes[encoding] === type);
}

function isSame(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
