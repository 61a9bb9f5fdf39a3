/** Manifests, lock files and configuration as parsed values, cached by size. */
import { type ParseError, parse as parseRelaxed } from 'jsonc-parser';
import { LRUCache } from 'lru-cache';
import { parse as parseToml } from 'smol-toml';
import { parseDocument } from 'yaml';
import { parseJson } from '../../../protocol/parse-json.ts';

type DataFormat = 'json' | 'toml' | 'yaml';

/** Maximum total length of the texts whose values are cached. */
const maxCachedCharacters = 16_000_000;

export class ParsedFiles {
  readonly #read: (file: string) => Promise<string | undefined>;
  readonly #cache = new LRUCache<string, { readonly value: unknown; readonly size: number }>({
    maxSize: maxCachedCharacters,
    sizeCalculation: ({ size }) => size + 100,
  });

  constructor(read: (file: string) => Promise<string | undefined>) {
    this.#read = read;
  }

  /** Returns undefined if the file is missing or does not parse. */
  async value(file: string, format: DataFormat): Promise<unknown> {
    const key = `${format} ${file}`;
    const cached = this.#cache.get(key);
    if (cached) return cached.value;
    const text = await this.#read(file);
    if (text === undefined) return undefined;
    const value = parseAs(text.replace(/^\uFEFF/, ''), format);
    this.#cache.set(key, { value, size: text.length });
    return value;
  }
}

function parseAs(text: string, format: DataFormat): unknown {
  try {
    return parsers[format](text);
  } catch {
    return undefined;
  }
}

const parsers: Readonly<Record<DataFormat, (text: string) => unknown>> = {
  json: (text) => {
    const strict = parseJson(text);
    if (strict !== undefined) return strict;
    // Either JSON with comments or invalid; the relaxed parser is slower.
    const errors: ParseError[] = [];
    const value: unknown = parseRelaxed(text, errors, { allowTrailingComma: true });
    return errors.length === 0 ? value : undefined;
  },
  toml: (text) => parseToml(text),
  yaml: (text) => {
    const document = parseDocument(text, { merge: true, logLevel: 'silent' });
    return document.errors.length === 0 ? document.toJS() : undefined;
  },
};
