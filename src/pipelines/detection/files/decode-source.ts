/** Decodes source files as the tools of their languages do. */
import { isUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';

export interface DecodedSource {
  readonly kind: 'text' | 'binary';
  readonly text: string;
}

const binary: DecodedSource = { kind: 'binary', text: '' };

/** @param language id of the language of the file */
export function decodeSource(bytes: Buffer, language: string): DecodedSource {
  const encoding = findEncoding(bytes, language);
  // TypeScript reads UTF-16 with a byte order mark; Python rejects it.
  if (encoding !== 'utf-16' && bytes.includes(0) && isBinary(bytes)) return binary;
  return { kind: 'text', text: decode(bytes, encoding) };
}

function findEncoding(bytes: Buffer, language: string): string {
  if (language === 'python') return findDeclaredEncoding(bytes);
  const isUtf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  return isUtf16 ? 'utf-16' : 'utf-8';
}

/** Comment that declares the encoding of a Python file in one of its first two lines (PEP 263). */
const declarationPattern = /^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)/;

function findDeclaredEncoding(bytes: Buffer): string {
  // A byte order mark means UTF-8.
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
  const [first = '', second = ''] = bytes.toString('latin1', 0, maxDeclarationBytes).split(/\r\n?|\n/, 2);
  const match = declarationPattern.exec(first) ?? (/^[ \t\f]*(?:#|$)/.test(first) && declarationPattern.exec(second));
  return match ? (match[1] as string).toLowerCase().replaceAll('_', '-') : 'utf-8';
}

const maxDeclarationBytes = 1000;

/** Names of Python's codecs that are not among the labels of the Encoding Standard. */
const labels: readonly (readonly [pattern: RegExp, label: string])[] = [
  [/^(?:utf-?8|u8|utf|cp65001)(?:-.*)?$/, 'utf-8'],
  [/^(?:(?:iso-?)?(?:latin-?1|8859(?:-?1)?)(?:-(?:unix|dos|mac))?|l1|cp819|latin)$/, 'latin1'],
  [/^(?:cp|windows-?)?(125\d)$/, 'windows-$1'],
  [/^(?:iso-?)?8859-?(\d+)$/, 'iso-8859-$1'],
  [/^latin-?9$|^l9$/, 'iso-8859-15'],
  [/^(?:cp936|936|ms936|gb2312|euc-?cn|gbk)$/, 'gbk'],
  [/^(?:cp950|950|ms950|big5-?(?:tw|hkscs)?)$/, 'big5'],
  [/^(?:cp949|949|ms949|uhc|euc-?kr|ks-?c-?5601)$/, 'euc-kr'],
  [/^(?:cp932|932|ms932|ms-?kanji|windows-31j|s-?jis|shift-?jis(?:-?(?:2004|x0213))?|csshiftjis)$/, 'shift_jis'],
  [/^(?:euc-?jp|u-?jis)$/, 'euc-jp'],
  [/^mac-?roman$/, 'macintosh'],
  [/^mac-?cyrillic$/, 'x-mac-cyrillic'],
  [/^koi8-?([ru])$/, 'koi8-$1'],
];

/** Decodes with one character per byte if the encoding is unknown, which is right for most encodings of a single byte. */
function decode(bytes: Buffer, encoding: string): string {
  if (encoding === 'utf-16')
    return new TextDecoder(bytes[0] === 0xff ? 'utf-16le' : 'utf-16be', keepMark).decode(bytes);
  const row = labels.find(([pattern]) => pattern.test(encoding));
  const label = row ? encoding.replace(...row) : encoding;
  if (label === 'utf-8') return bytes.toString('utf8');
  if (label === 'latin1') return bytes.toString('latin1');
  try {
    return new TextDecoder(label).decode(bytes);
  } catch {
    return bytes.toString('latin1');
  }
}

/** Keeps the byte order mark, which is a character of the text for offsets. */
const keepMark = { ignoreBOM: true };

const maxControlRatio = 0.1;

/** Returns whether bytes that contain a NUL are not text. A literal in a source file may contain a NUL. */
function isBinary(bytes: Buffer): boolean {
  if (!isUtf8(bytes)) return true;
  let controls = 0;
  for (const byte of bytes) if (byte > 0 && byte < 32 && (byte < 8 || byte > 13) && byte !== 27) controls++;
  return controls > bytes.length * maxControlRatio;
}
