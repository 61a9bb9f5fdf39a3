/** Tests how source files are decoded. Python's own decoder is the reference for declared encodings. */
import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeSource } from '../../../src/pipelines/detection/files/decode-source.ts';
import { extractSource } from './grammar/extract-source.ts';

/** Python program that encodes texts and prints them in base64. */
const encoder = `
import base64, json, sys
json.dump([base64.b64encode(text.encode(codec)).decode() for codec, text in json.load(sys.stdin)], sys.stdout)
`;
/** Python program that reads source files and prints their texts. */
const reader = `
import json, sys, tokenize
json.dump([tokenize.open(name).read() for name in json.load(sys.stdin)], sys.stdout)
`;

function runPython<Output>(program: string, input: unknown): Output {
  return JSON.parse(execFileSync('python3', ['-c', program], { input: JSON.stringify(input) }).toString()) as Output;
}

const line = (codec: string, text: string): string => `# -*- coding: ${codec} -*-\nx = "${text}"; mark(x)\n`;
const samples: readonly (readonly [codec: string, source: string])[] = [
  ...['latin-1', 'iso-8859-1', 'latin_1', 'L1', 'cp1252', 'windows-1252', 'iso-8859-15', 'latin9', 'mac-roman'].map(
    (codec) => [codec, line(codec, 'größe é')] as const,
  ),
  ...['cp1251', 'koi8-r', 'iso-8859-5'].map((codec) => [codec, line(codec, 'привет')] as const),
  ...['gbk', 'gb2312', 'gb18030', 'cp936'].map((codec) => [codec, line(codec, '中文名')] as const),
  ...['shift_jis', 'sjis', 'cp932', 'euc-jp', 'euc_jp'].map((codec) => [codec, line(codec, '一覧表ソ')] as const),
  ...['big5', 'cp950'].map((codec) => [codec, line(codec, '功能')] as const),
  ...['euc-kr', 'cp949'].map((codec) => [codec, line(codec, '한국어')] as const),
  ...['utf-8', 'utf8', 'UTF-8-sig', 'utf_8'].map((codec) => [codec, line(codec, 'größe 中 😀')] as const),
  ['cp1251', '#!/usr/bin/env python\n# vim: set fileencoding=cp1251 :\nпривет()\n'],
  ['latin-1', '\n#coding=latin-1\nx = "é"; mark(x)\n'],
  ['utf-8', 'import a\n# coding: latin-1\nx = "é 中"; mark(x)\n'.replace('import a\n', 'import a\nimport b\n')],
  ['utf-8', 'x = "# coding: latin-1 é"\ny = "中"; mark(y)\n'],
];

describe('decoding of source files', () => {
  it('follows the declared encoding of Python files', () => {
    const folder = mkdtempSync(join(tmpdir(), 'pipescope-encodings-'));
    try {
      const encoded = runPython<string[]>(encoder, samples).map((text) => Buffer.from(text, 'base64'));
      const names = encoded.map((bytes, index) => {
        const name = join(folder, `${index}.py`);
        writeFileSync(name, bytes);
        return name;
      });
      const expected = runPython<string[]>(reader, names);
      for (const [index, bytes] of encoded.entries()) {
        const { text } = decodeSource(bytes, 'python');
        assert.equal(text.replace(/^\ufeff/, ''), expected[index], samples[index]?.[0]);
      }
      // Without the declaration, the samples would be read wrong.
      assert.notEqual(encoded[0]?.toString('utf8'), expected[0]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('gives calls and definitions of a Python file the names and places of its declared encoding', async () => {
    const source = '# coding: cp1252\ndef größe():\n    return "é", maß(1)\ngröße()\n';
    const bytes = Buffer.from(source, 'latin1');
    const { calls, definitions, syntaxError } = await extractSource('a.py', bytes);
    assert.equal(syntaxError, undefined);
    assert.deepEqual(
      calls.map(([start, end]) => source.slice(start, end)),
      ['maß(1)', 'größe()'],
    );
    assert.ok(JSON.stringify(definitions).includes('größe'), JSON.stringify(definitions));
    // Two bytes per character make the places differ.
    const misread = await extractSource('b.py', Buffer.from(source.replace('cp1252', 'latin-1'), 'utf8'));
    assert.notDeepEqual(
      misread.calls.map(([start]) => start),
      calls.map(([start]) => start),
    );
  });

  it('keeps one character per byte if the encoding is unknown', () => {
    const bytes = Buffer.from([...Buffer.from('# coding: cp437\nf("'), 0x81, ...Buffer.from('", g())\n')]);
    assert.equal(decodeSource(bytes, 'python').text.length, bytes.length);
  });

  it('reads UTF-16 with a byte order mark in TypeScript, but not in Python', async () => {
    const source = '\ufeffconst größe = "😀"; mark(größe);\n';
    const littleEndian = Buffer.from(source, 'utf16le');
    for (const bytes of [littleEndian, Buffer.from(littleEndian).swap16()]) {
      const facts = await extractSource('a.ts', bytes);
      assert.deepEqual(
        facts.calls.map(([start, end]) => source.slice(start, end)),
        ['mark(größe)'],
      );
      assert.equal(decodeSource(bytes, 'python').kind, 'binary');
    }
  });

  for (const file of ['a.ts', 'a.js', 'a.tsx', 'a.py']) {
    it(`reads a literal with a NUL in ${file}`, async () => {
      const source = 'f("a\0b", g());\nh("\0\x01");\n';
      const facts = await extractSource(file, source);
      assert.equal(facts.syntaxError, undefined);
      const calls = facts.calls.map(([start, end]) => source.slice(start, end));
      assert.deepEqual(calls, ['f("a\0b", g())', 'g()', 'h("\0\x01")']);
    });
  }

  it('rejects data that only has the extension of a language', () => {
    const video = Buffer.alloc(188 * 4, 0x47);
    for (let index = 0; index < video.length; index += 3) video[index] = index % 251;
    assert.equal(decodeSource(video, 'typescript').kind, 'binary');
    assert.equal(decodeSource(Buffer.from('f();\0'), 'typescript').kind, 'text');
  });
});
