/** Manifests, locks and configuration as values: each parsed once while it is remembered. */
import { type ParseError, parse as parseRelaxed } from 'jsonc-parser';
import { LRUCache } from 'lru-cache';
import { parse as parseToml } from 'smol-toml';
import { parseDocument } from 'yaml';

type Format = 'json' | 'toml' | 'yaml';

/** Of all texts whose values are remembered. */
const rememberedCharacters = 16_000_000;

export class Parsed {
  readonly #read: (file: string) => Promise<string | undefined>;
  readonly #known = new LRUCache<string, { readonly value: unknown; readonly size: number }>({
    maxSize: rememberedCharacters,
    sizeCalculation: ({ size }) => size + 100,
  });

  constructor(read: (file: string) => Promise<string | undefined>) {
    this.#read = read;
  }

  /** Nothing where there is no such file or it does not parse. */
  async value(file: string, format: Format): Promise<unknown> {
    const key = `${format} ${file}`;
    const known = this.#known.get(key);
    if (known) return known.value;
    const text = await this.#read(file);
    if (text === undefined) return undefined;
    const made = { value: parsedAs(text.replace(/^\uFEFF/, ''), format), size: text.length };
    this.#known.set(key, made);
    return made.value;
  }
}

function parsedAs(text: string, format: Format): unknown {
  try {
    return parsers[format](text);
  } catch {
    return undefined;
  }
}

const parsers: Readonly<Record<Format, (text: string) => unknown>> = {
  json: (text) => {
    try {
      return JSON.parse(text);
    } catch {
      // Comments, or really broken: the slower parser says which.
      const errors: ParseError[] = [];
      const value: unknown = parseRelaxed(text, errors, { allowTrailingComma: true });
      return errors.length === 0 ? value : undefined;
    }
  },
  toml: (text) => parseToml(text),
  yaml: (text) => {
    const document = parseDocument(text, { merge: true, logLevel: 'silent' });
    return document.errors.length === 0 ? document.toJS() : undefined;
  },
};
