/** The lines of a requirements file, as pip reads them (pip's documentation, Requirements File Format). */

export interface Requirement {
  /** As written; of an address without a name its last part. */
  readonly name: string;
  /** `==1.0`, `>=2,<3`; empty where any version will do. */
  readonly specifier: string;
  /** URL or folder, where it is not looked for by its name. */
  readonly address?: string;
  /** `sha256:…` */
  readonly hashes: readonly string[];
  readonly line: number;
}

/** Options such as `-r`, `-c` and `--index-url` are no requirements. */
export function requirementsIn(text: string): Requirement[] {
  return logical(text).flatMap(({ text: whole, line }) => {
    const hashes = [...whole.matchAll(/--hash[=\s]+(\w+:[0-9a-f]+)/gi)].map(([, hash = '']) => hash);
    const editable = /^(?:-e|--editable)[=\s]+(\S+)/.exec(whole)?.[1];
    const body = editable ?? whole.replace(/\s--[\w-]+[=\s].*$/, '').replace(/\s*;.*$/, '');
    if (body === '' || body.startsWith('-')) return [];
    const named = /^([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*(?:@\s*(\S+)|(.*))$/.exec(body);
    const bare = editable !== undefined || /^(?:[a-z+]+:|\.{0,2}\/)/i.test(body) || /^\.{1,2}$/.test(body);
    if (bare || !named) return [{ name: nameOf(body), specifier: '', address: body, hashes, line }];
    const [, name = '', address, specifier = ''] = named;
    return [{ name, specifier: specifier.replace(/[()]/g, '').trim(), ...(address && { address }), hashes, line }];
  });
}

/** Lines without comments; those that end with a backslash go on in the next. */
function logical(text: string): { text: string; line: number }[] {
  const out: { text: string; line: number }[] = [];
  let open = false;
  for (const [at, whole] of text.split(/\r?\n/).entries()) {
    const bare = whole.replace(/(^|\s)#.*$/, '').trim();
    const part = bare.replace(/\\$/, '').trim();
    const last = out.at(-1);
    if (open && last) last.text = `${last.text} ${part}`;
    else if (part !== '') out.push({ text: part, line: at + 1 });
    open = bare.endsWith('\\');
  }
  return out;
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
