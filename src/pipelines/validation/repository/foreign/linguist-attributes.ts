/** Reads in `.gitattributes` which files the authors mark as generated or vendored for GitHub Linguist and GitLab. */
import { join } from 'node:path';
import ignore from 'ignore';
import { readRegularText } from '../../../../process/read-regular-file.ts';
import { foldersAround } from '../folders.ts';

interface AttributeRule {
  readonly matches: (path: string) => boolean;
  readonly isForeign: boolean;
}

const maxFileBytes = 1_000_000;
const attribute = /^(-|!)?(?:linguist-generated|linguist-vendored|gitlab-generated)(?:=(\w+))?$/;

export class LinguistAttributes {
  readonly #root: string;
  /** Rules by the folder of their `.gitattributes`. */
  readonly #rules = new Map<string, readonly AttributeRule[]>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Returns undefined if no attribute applies to the file. The last line of the nearest `.gitattributes` wins. */
  isForeign(file: string): boolean | undefined {
    const end = file.lastIndexOf('/');
    for (const folder of foldersAround(end < 0 ? '' : file.slice(0, end))) {
      const path = folder === '' ? file : file.slice(folder.length + 1);
      const rule = this.#rulesOf(folder).findLast(({ matches }) => matches(path));
      if (rule) return rule.isForeign;
    }
    return undefined;
  }

  #rulesOf(folder: string): readonly AttributeRule[] {
    let rules = this.#rules.get(folder);
    if (!rules) {
      const path = join(this.#root, folder, '.gitattributes');
      rules = parseAttributes(readRegularText(path, { maxBytes: maxFileBytes }) ?? '');
      this.#rules.set(folder, rules);
    }
    return rules;
  }
}

/** Parses the lines with a relevant attribute. Patterns have the syntax of `.gitignore`. */
function parseAttributes(text: string): AttributeRule[] {
  return text.split('\n').flatMap((line): AttributeRule[] => {
    const [pattern, ...attributes] = line.trim().split(/\s+/);
    if (!pattern || /^[#[!]/.test(pattern)) return [];
    const values = attributes.flatMap((text) => {
      const [matched, sign, value] = attribute.exec(text) ?? [];
      return matched === undefined ? [] : [sign === undefined && value !== 'false'];
    });
    const isForeign = values.at(-1);
    if (isForeign === undefined) return [];
    const matcher = ignore().add(pattern);
    return [{ matches: (path) => matcher.ignores(path), isForeign }];
  });
}
