/** Parses requirements files as pip does (pip documentation, "Requirements File Format"). */

interface PipRequirement {
  /** Name as written, or the last part of an address without a name. */
  readonly name: string;
  /** Such as `==1.0` or `>=2,<3`; empty if any version is allowed. */
  readonly specifier: string;
  /** URL or folder, if the package does not come from an index. */
  readonly address?: string;
  /** Such as `sha256:…`. */
  readonly hashes: readonly string[];
  readonly line: number;
}

/** Returns the requirements. Ignores options such as `-r`, `-c` and `--index-url`. */
export function parsePipRequirements(text: string): PipRequirement[] {
  return logicalLines(text).flatMap(({ text: logicalLine, line }) => {
    const hashes = [...logicalLine.matchAll(/--hash[=\s]+(\w+:[0-9a-f]+)/gi)].map(([, hash = '']) => hash);
    const editable = /^(?:-e|--editable)[=\s]+(\S+)/.exec(logicalLine)?.[1];
    const body = editable ?? logicalLine.replace(/\s--[\w-]+[=\s].*$/, '').replace(/\s*;.*$/, '');
    if (body === '' || body.startsWith('-')) return [];
    const named = /^([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*(?:@\s*(\S+)|(.*))$/.exec(body);
    const isAddress = editable !== undefined || /^(?:[a-z+]+:|\.{0,2}\/)/i.test(body) || /^\.{1,2}$/.test(body);
    if (isAddress || !named) return [{ name: nameOf(body), specifier: '', address: body, hashes, line }];
    const [, name = '', address, specifier = ''] = named;
    return [{ name, specifier: specifier.replace(/[()]/g, '').trim(), ...(address && { address }), hashes, line }];
  });
}

/** Removes comments and joins lines that end with a backslash with the next one. */
function logicalLines(text: string): { text: string; line: number }[] {
  const lines: { text: string; line: number }[] = [];
  let continues = false;
  for (const [index, physicalLine] of text.split(/\r?\n/).entries()) {
    const content = physicalLine.replace(/(^|\s)#.*$/, '').trim();
    const part = content.replace(/\\$/, '').trim();
    const last = lines.at(-1);
    if (continues && last) last.text = `${last.text} ${part}`;
    else if (part !== '') lines.push({ text: part, line: index + 1 });
    continues = content.endsWith('\\');
  }
  return lines;
}

function nameOf(address: string): string {
  const egg = /[#&]egg=([\w.-]+)/.exec(address)?.[1];
  return (
    egg ??
    address
      .replace(/[#?].*$/, '')
      .replace(/\/$/, '')
      .split('/')
      .at(-1)
      ?.replace(/\.git(@.*)?$/, '') ??
    address
  );
}
