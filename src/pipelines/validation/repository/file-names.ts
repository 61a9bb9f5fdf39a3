/** What a file is by its path: a test, or something that nobody here wrote by hand. */

/** Tests in the conventions of the four languages. */
const tests: readonly RegExp[] = [
  /(?:^|\/)(?:tests?|__tests__|specs?|e2e|testing|integration[-_]tests?|unit[-_]tests?)\//i,
  /(?:^|\/)(?:test|spec)s?\.[cm]?[jt]sx?$/,
  /[._-](?:tests?|spec|cy|e2e)\.[cm]?[jt]sx?$/,
  /(?:^|\/)test-[^/]*\.[cm]?[jt]sx?$/,
  /(?:^|\/)(?:test_[^/]*|[^/]*_tests?|tests?|conftest)\.py$/,
  /_test\.go$/,
  /(?:^|\/)(?:tests|[^/]*_tests?)\.rs$/,
];

/** Folders of data for tests: what stands in them is often wrong on purpose. */
const fixtures =
  /(?:^|\/)(?:__fixtures__|[^/]*fixtures?|testdata|test[-_.]?(?:data|files?|cases|inputs?|resources|assets|workspaces?)|__snapshots__|goldens?|golden[-_]files|cassettes|playgrounds?(?=\/(?!(?:.*\/)?(?:__tests__|tests?)\/))|tests?\/(?:data|files|resources|samples|inputs?|cases|corpus|expected|output))\//i;

/** Folders of other people's code, and of what programs have written. */
const vendored =
  /(?:^|\/)(?:node_modules|bower_components|jspm_packages|vendor|vendored|_vendor|_vendored|third[-_]?party|3rd[-_]?party|external[-_]libs?|Godeps|site-packages|\.yarn|\.pnp|\.venv|venv|\.tox|\.nox|__pycache__|__generated__|_?generated|\.next|\.nuxt|\.svelte-kit|dist|coverage|htmlcov|target\/(?:debug|release)|\.git)\//i;

const generated: readonly RegExp[] = [
  /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|Cargo\.lock|poetry\.lock|uv\.lock|pdm\.lock|Pipfile\.lock|composer\.lock|Gemfile\.lock|go\.sum|go\.work\.sum|flake\.lock|deno\.lock)$/,
  /[.-]min\.(?:[cm]?js|css|html?)$/,
  /\.(?:bundle|chunk)\.[cm]?js$/,
  /\.(?:map|snap|svg|po|pot)$/,
  /\.pb\.(?:go|cc|h|rs|py)$|_pb2(?:_grpc)?\.pyi?$|_pb\.(?:js|d\.ts)$|\.pb\.gw\.go$/,
  /[._-]generated\.[a-z]+$|(?:^|\/)generated\.[a-z]+$|\.(?:gen|g)\.[a-z]+$|(?:^|\/)zz_generated[^/]*\.go$|(?:^|\/)bindata\.go$/,
  /(?:^|\/)\.pnp\.[cm]?js$|(?:^|\/)\.pnp\.loader\.mjs$/,
];

export const isTestName = (file: string): boolean => tests.some((pattern) => pattern.test(file));

export const isFixtureName = (file: string): boolean => fixtures.test(file);

export const isForeignName = (file: string): boolean =>
  fixtures.test(file) || vendored.test(file) || generated.some((pattern) => pattern.test(file));

/** How generators begin a comment in what they write; a text that only speaks of such marks is not marked. */
const marks: readonly RegExp[] = [
  /^@(?:partially-)?generated\b/i,
  /^(?:code |file |source )?(?:auto-?|automatically |machine[- ])?generated (?:(?:by|from|with|using|automatically|at|on)\b|(?:file|code)(?: (?:by|from)\b|\s*(?:[-.:;,!]|$)))/i,
  /^(?:auto-?|automatically )generated\b/i,
  /^(?:this|the) (?:(?:file|code|source|module|class|document) )+(?:(?:is|was|has been|are) )?(?:an? )?(?:auto-?|automatically |machine[- ])?(?:re-?)?generated\b/i,
  /\bgenerated\b.*[-.,;:!–—]\s*(?:please )?do not (?:edit|modify|change)\b/i,
  /^do not (?:edit|modify)\b(?!.*\bunless\b)/i,
];
const markLines = 20;
/** People break lines long before; what is longer was minified or is data. */
const longestLine = 5000;
const comment = /^\s*(?:\/\/+!?|\/?\*+|#+!?|--|;+|%+|<!--|"""|''')[-=*#\s]*/;

/** What a file is by the head of its content. */
export function isForeignHead(head: string): boolean {
  return head.split('\n').some((line) => line.length > longestLine) || generatorMark(head) !== undefined;
}

/** The comment by which a generator marks what it has written, without its leader; and its line from 1. */
export function generatorMark(head: string): { readonly line: number; readonly text: string } | undefined {
  const lines = preambleOf(head).split('\n', markLines).map(commentIn);
  const at = lines.findIndex((text, line) => marks.some((mark) => mark.test(text)) && !goesOn(lines[line - 1], text));
  return at < 0 ? undefined : { line: at + 1, text: lines[at] as string };
}

/** The sentence of the line before is not at its end yet. */
const goesOn = (before: string | undefined, text: string): boolean =>
  before !== undefined && /[\p{L}\d,]$/u.test(before) && /^\p{Ll}/u.test(text);

/** All that stands before the first line of code but imports: there a generator says who it is and of which version. */
export const preambleOf = (text: string): string => preamble.exec(text)?.[0] ?? '';

const preamble = new RegExp(
  `^(?:${[
    String.raw`\s`,
    String.raw`(?://|#|--|;|%|\*)[^\n]*(?:\n|$)`,
    String.raw`/\*[\s\S]*?(?:\*/|$)`,
    String.raw`<!--[\s\S]*?(?:-->|$)`,
    String.raw`"""[\s\S]*?(?:"""|$)`,
    String.raw`'''[\s\S]*?(?:'''|$)`,
    String.raw`(?:<\?|['"]use |package |import |from |using |extern |export \*)[^\n]*(?:\n|$)`,
  ].join('|')})*`,
);

/** Comment that a line begins with, without its leader. */
export const commentIn = (line: string): string => {
  const leader = comment.exec(line)?.[0];
  return leader === undefined ? '' : line.slice(leader.length).trimEnd();
};
