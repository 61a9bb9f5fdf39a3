/** Finds private keys in a text, and tells real ones from truncated and published ones. */
import { X509Certificate } from 'node:crypto';
import { isDocument } from '../../../repository/foreign/file-names.ts';
import { isDocumentedExample } from './documented-examples.ts';
import { entropy } from './secret-values.ts';

/** A whole key: lines of Base64 after the label, also with escaped line breaks or as concatenated strings. */
const keyPattern =
  /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?:\\r|\\n|[\s"'+,\\|>*#])*(?:(?:Proc-Type|DEK-Info|Version|Comment|Charset):[^\n\\]*(?:\\r|\\n|\s)*)*(?<body>(?:[A-Za-z0-9+/=]{16,}(?:\\r|\\n|[\s"'+,\\|*#])*){2,}[A-Za-z0-9+/=]*)/g;
/** Text near a key that calls it an example, a test key or published. */
const exampleLabel =
  /\b(?:examples?|e\.g|sample|dummy|fake|mock|demo|insecure|snake-?oil|throw-?away|placeholder|publicly known|well[- ]known|not (?:a )?(?:real|secret|used)|do not use|never use|test(?:ing)? (?:rsa |ec |ssh |private )?keys?|(?:for|in) (?:unit )?tests?)\b|(?:^|[^A-Za-z])(?:test|example|sample|dummy|fake|mock|demo)[_-]?(?:\w+[_-])?(?:key|pem|private)/i;
/** Name of a file for tests and demonstrations. */
const exampleName =
  /(?:^|[._-])(?:test|tests|example|sample|dummy|fake|mock|demo|insecure|snakeoil|localhost|selfsigned|self-signed)(?:[._-]|$)/i;
/** Length of the text before a key that may call it an example. */
const labelDistance = 160;
const minKeyBytes = 40;

export interface PrivateKey {
  readonly start: number;
  readonly end: number;
}

/** Finds complete keys. Labels without a key, and truncated keys as in documentation, are left out. */
export function findPrivateKeys(text: string): PrivateKey[] {
  if (!text.includes('PRIVATE KEY')) return [];
  return [...text.matchAll(keyPattern)]
    .filter((match) => isComplete(match.groups?.['body'] ?? '', text.slice(match.index + match[0].length)))
    .map(({ 0: key, index }) => ({ start: index, end: index + key.length }));
}

function isComplete(body: string, rest: string): boolean {
  const base64 = body.replace(/\\[rn]|[^A-Za-z0-9+/=]/g, '');
  if (entropy(base64) < 4 || /^\s*(?:\.{3}|…|\[|<|\*{3})/.test(rest)) return false;
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length < minKeyBytes) return false;
  // A key in DER starts with a sequence and the number of bytes that follow.
  if (bytes[0] !== 0x30) return true;
  const length =
    bytes[1] === 0x82 ? bytes.readUInt16BE(2) + 4 : bytes[1] === 0x81 ? (bytes[2] ?? 0) + 3 : (bytes[1] ?? 0) + 2;
  return bytes.length >= length;
}

/** Returns true if the file's name or the text just before a key calls it an example or a test key, or a document shows it in code. */
export function isExampleKey(file: string, text: string, start: number): boolean {
  if (exampleName.test(file.slice(file.lastIndexOf('/') + 1))) return true;
  const before = text.slice(Math.max(0, start - labelDistance), start);
  // Text further above may be about something else.
  const lines = before.split('\n').slice(-4).join('\n');
  return exampleLabel.test(lines) || isDocumentedExample(text, start) || isCodeSample(file, lines);
}

/** An assignment in a program, with spaces around the sign; one in a shell or a settings file has none. */
const assignment = /(?:^|\s)[A-Za-z_$][\w.$]*\s+:?=\s+[bBrRuU]{0,2}["'`]$/;

/** Returns true if a document for readers shows a program that assigns the key: the sample publishes it on purpose. */
function isCodeSample(file: string, before: string): boolean {
  return isDocument(file) && assignment.test(before);
}

const certificatePattern = /-----BEGIN CERTIFICATE-----[\s\S]{64,8000}?-----END CERTIFICATE-----/g;
const developmentHost =
  /(?:^|[=:,\s*.])(?:localhost|127\.0\.0\.1|::1|[\w.-]+\.(?:test|example|invalid|localhost|local)|(?:[\w-]+\.)?example\.(?:com|org|net)|snakeoil|acme co|internet widgits pty ltd|test|testing|dummy|example)(?=$|[,\s])/im;

/** Returns true if a text contains a certificate for development: it is for local or reserved host names. */
export function hasDevelopmentCertificate(text: string): boolean {
  return (text.match(certificatePattern) ?? []).some((pem) => {
    try {
      const { subject, subjectAltName = '' } = new X509Certificate(pem);
      return developmentHost.test(`${subject}\n${subjectAltName}`);
    } catch {
      return false;
    }
  });
}
