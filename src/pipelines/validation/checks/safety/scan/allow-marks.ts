/** Comments by which people tell scanners that a line is accepted. Marks of other scanners count as well. */

export type MarkTopic = 'secrets' | 'code';

interface AllowMark {
  /** As shown in reports. */
  readonly name: string;
  readonly pattern: RegExp;
  /** Lines that the mark accepts. A block ends with the pattern `end`, or with the file. */
  readonly scope: 'line' | 'next_line' | 'block';
  readonly end?: RegExp;
  readonly topics: readonly MarkTopic[];
  /** Matches the files in which the mark is valid. If absent, it is valid in all. */
  readonly files?: RegExp;
}

const secretsOnly: readonly MarkTopic[] = ['secrets'];
const both: readonly MarkTopic[] = ['secrets', 'code'];
const python = /\.pyi?$/;

const allowMarks: readonly AllowMark[] = [
  { name: 'pipescope:allow', pattern: /\bpipescope:allow\b/i, scope: 'line', topics: both },
  { name: 'gitleaks:allow', pattern: /\bgitleaks:allow\b/i, scope: 'line', topics: secretsOnly },
  { name: 'betterleaks:allow', pattern: /\bbetterleaks:allow\b/i, scope: 'line', topics: secretsOnly },
  {
    name: 'pragma: allowlist secret',
    pattern: /\bpragma:\s*(?:allow|white)list[ -]secret\b/i,
    scope: 'line',
    topics: secretsOnly,
  },
  {
    name: 'pragma: allowlist nextline secret',
    pattern: /\bpragma:\s*(?:allow|white)list[ -]nextline[ -]secret\b/i,
    scope: 'next_line',
    topics: secretsOnly,
  },
  { name: 'secretlint-disable-line', pattern: /\bsecretlint-disable-line\b/, scope: 'line', topics: secretsOnly },
  {
    name: 'secretlint-disable-next-line',
    pattern: /\bsecretlint-disable-next-line\b/,
    scope: 'next_line',
    topics: secretsOnly,
  },
  {
    name: 'secretlint-disable',
    pattern: /\bsecretlint-disable(?!-)/,
    scope: 'block',
    end: /\bsecretlint-enable\b/,
    topics: secretsOnly,
  },
  { name: 'ggignore', pattern: /\bggignore\b(?!-)/, scope: 'line', topics: secretsOnly },
  {
    name: 'ggignore-start',
    pattern: /\bggignore-start\b/,
    scope: 'block',
    end: /\bggignore-end\b/,
    topics: secretsOnly,
  },
  { name: 'trufflehog:ignore', pattern: /\btrufflehog:ignore\b/i, scope: 'line', topics: secretsOnly },
  {
    name: 'nosec',
    pattern: /#\s*nosec\b(?!\s*:?\s*B\d)|#\s*nosec\b[^#\n]*\bB10[567]\b/i,
    scope: 'line',
    topics: secretsOnly,
    files: python,
  },
  { name: 'nosec', pattern: /(?:#|\/\/)\s*#?nosec\b/i, scope: 'line', topics: ['code'], files: /\.(?:pyi?|go)$/ },
  {
    name: 'noqa: S105',
    pattern: /#\s*(?:ruff:\s*)?noqa:\s*(?:[A-Z]+\d+[,\s]+)*S10[567]\b/i,
    scope: 'line',
    topics: secretsOnly,
    files: python,
  },
  {
    name: 'noqa: S102, S301 …',
    pattern: /#\s*noqa:\s*(?:[A-Z]+\d+[,\s]+)*(?:S(?:102|307|30[12]|506|60[2-9])|PGH001)\b/i,
    scope: 'line',
    topics: ['code'],
    files: python,
  },
  { name: 'NOSONAR', pattern: /\bNOSONAR\b/, scope: 'line', topics: both },
  { name: 'nosemgrep', pattern: /\bnosemgrep\b/i, scope: 'line', topics: both },
  { name: 'nosemgrep', pattern: /^\s*(?:#|\/\/|--|<!--|\/\*)\s*nosemgrep\b/i, scope: 'next_line', topics: both },
  { name: 'skipcq', pattern: /\bskipcq\b/, scope: 'line', topics: both },
  { name: 'skipcq', pattern: /^\s*(?:#|\/\/|--|\/\*)\s*skipcq\b/, scope: 'next_line', topics: both },
  { name: 'DevSkim: ignore', pattern: /\bDevSkim:\s*ignore\b/i, scope: 'line', topics: both },
  {
    name: 'eslint-disable-line',
    pattern:
      /\beslint-disable-line\b(?:\s*(?:$|\*\/|--)|[^\n]*\b(?:no-secrets|no-hardcoded-credentials|no-hardcoded-secrets)\b)/,
    scope: 'line',
    topics: secretsOnly,
  },
  {
    name: 'eslint-disable-next-line',
    pattern:
      /\beslint-disable-next-line\b(?:\s*(?:$|\*\/|--)|[^\n]*\b(?:no-secrets|no-hardcoded-credentials|no-hardcoded-secrets)\b)/,
    scope: 'next_line',
    topics: secretsOnly,
  },
  {
    name: 'eslint-disable-line',
    pattern:
      /\beslint-disable-line\b(?:\s*(?:$|\*\/|--)|[^\n]*\b(?:no-eval|no-new-func|no-implied-eval|detect-eval\S*|no-debugger|no-unsafe)\b)/,
    scope: 'line',
    topics: ['code'],
  },
  {
    name: 'eslint-disable-next-line',
    pattern:
      /\b(?:eslint-disable-next-line|biome-ignore|oxlint-disable-next-line)\b(?:\s*(?:$|\*\/|--)|[^\n]*(?:no-eval|no-new-func|no-implied-eval|detect-eval\S*|no-debugger|noGlobalEval|noDebugger)\b)/,
    scope: 'next_line',
    topics: ['code'],
  },
];

/** Any text that a mark contains. A file without it needs no further search. */
const anyMark =
  /:allow\b|list[ -](?:nextline[ -])?secret\b|secretlint-disable|ggignore|trufflehog:ignore|nosec\b|noqa:|NOSONAR|nosemgrep|skipcq|DevSkim|(?:eslint|oxlint)-disable|biome-ignore/i;

/** Returns the name of the mark that accepts a 1-based line, or undefined. */
export type AllowedLines = (line: number) => string | undefined;

const allowsNoLine: AllowedLines = () => undefined;

/** Finds the lines of a text that marks accept. */
export function findAllowedLines(file: string, text: string, topic: MarkTopic): AllowedLines {
  if (!anyMark.test(text)) return allowsNoLine;
  const marks = allowMarks.filter(({ topics, files }) => topics.includes(topic) && (!files || files.test(file)));
  const lines = text.split('\n');
  const names = new Map<number, string>();
  for (const { name, pattern, scope, end } of marks) {
    let isInBlock = false;
    for (const [index, line] of lines.entries()) {
      const isMark = pattern.test(line);
      if (scope === 'block') {
        isInBlock = isMark || (isInBlock && end?.test(line) !== true);
        if (isInBlock) names.set(index + 1, name);
      } else if (isMark) names.set(scope === 'line' ? index + 1 : index + 2, name);
    }
  }
  return (line) => names.get(line);
}
