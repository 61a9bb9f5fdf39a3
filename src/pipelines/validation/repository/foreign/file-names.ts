/** Classifies files by path and by the head of their content: tests, and foreign files that were not written by hand. */

/** Naming conventions of test files in the four languages. */
const testPatterns: readonly RegExp[] = [
  /(?:^|\/)(?:tests?|__tests__|specs?|e2e|cypress|tap|testing|integration[-_]tests?|unit[-_]tests?)\//i,
  /(?:^|\/)(?:test|spec)s?\.[cm]?[jt]sx?$/,
  /[._-](?:tests?|spec|cy|e2e)\.[cm]?[jt]sx?$/,
  /(?:^|\/)test-[^/]*\.[cm]?[jt]sx?$/,
  /(?:^|\/)(?:test_[^/]*|[^/]*_tests?|tests?|conftest)\.py$/,
  /_test\.go$/,
  /(?:^|\/)(?:tests|[^/]*_tests?)\.rs$/,
];

/** Folders of test data, which is often invalid on purpose. */
const fixtures =
  /(?:^|\/)(?:__[^/]*fixtures?__|[^/]*fixtures?|fixtures?[-_.][^/]*|testdata|test[-_.]?(?:data|files?|cases|inputs?|resources|assets|workspaces?)|__snapshots__|goldens?|golden[-_]files|cassettes|playgrounds?(?=\/(?!(?:.*\/)?(?:__tests__|tests?)\/))|tests?\/(?:data|files|resources|samples|inputs?|cases|corpus|expected|output)|tests?\/(?:[^/]+\/)*assets(?=\/(?!(?:.*[._-](?:test|spec)\.|(?:.*\/)?test_))))\//i;

/** Folders of third-party code and of build output. */
const vendored =
  /(?:^|\/)(?:node_modules|bower_components|jspm_packages|vendor|vendored|_vendor|_vendored|third[-_]?party|3rd[-_]?party|external[-_]libs?|Godeps|site-packages|\.yarn|\.pnp|\.venv|venv|\.tox|\.nox|__pycache__|__generated__|[._]?generated|\.next|\.nuxt|\.svelte-kit|dist|coverage|htmlcov|target\/(?:debug|release)|\.git)\//i;

const generated: readonly RegExp[] = [
  /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|Cargo\.lock|poetry\.lock|uv\.lock|pdm\.lock|Pipfile\.lock|composer\.lock|Gemfile\.lock|go\.sum|go\.work\.sum|flake\.lock|deno\.lock)$/,
  /[.-]min\.(?:[cm]?js|css|html?)$/,
  /\.dist\.(?:[cm]?js|css)$/,
  // A library with its version, such as jquery-1.12.4.js, but not a migration to a version.
  /(?:^|\/)(?!v?\d|[^/]*(?:migrat|upgrad|updat|patch|releas|version))[a-z][\w.-]*[-.]v?\d+\.\d+(?:\.\d+)?(?:[-.](?:min|slim|pack|bundle|umd|full|all))*\.(?:js|css)$/i,
  /\.(?:bundle|chunk)\.[cm]?js$/,
  /\.(?:map|snap|svg|po|pot)$/,
  /\.pb\.(?:go|cc|h|rs|py)$|_pb2(?:_grpc)?\.pyi?$|_pb\.(?:js|d\.ts)$|\.pb\.gw\.go$/,
  /[._-]generated\.[a-z]+$|(?:^|\/)generated\.[a-z]+$|\.(?:gen|g)\.[a-z]+$|(?:^|\/)zz_generated[^/]*\.go$|(?:^|\/)bindata\.go$/,
  /(?:^|\/)\.pnp\.[cm]?js$|(?:^|\/)\.pnp\.loader\.mjs$/,
];

/** Returns true for texts that programs do not read. */
export const isDocument = (file: string): boolean =>
  /\.(?:md|mdx|markdown|rst|adoc|txt)$|(?:^|\/)(?:LICENSE|NOTICE|AUTHORS|CODEOWNERS|\.git\w+)$/i.test(file);

export const isTestName = (file: string): boolean => testPatterns.some((pattern) => pattern.test(file));

export const isFixtureName = (file: string): boolean => fixtures.test(file);

export const isForeignName = (file: string): boolean =>
  fixtures.test(file) || vendored.test(file) || generated.some((pattern) => pattern.test(file));

/** Comments by which generators mark their output. Text that merely mentions such marks must not match. */
const generatorMarks: readonly RegExp[] = [
  /^@(?:partially-)?generated\b/i,
  /^(?:code |file |source )?(?:auto-?|automatically |machine[- ])?generated (?:(?:by|from|with|using|automatically|at|on)\b|(?:file|code)(?: (?:by|from)\b|\s*(?:[-.:;,!]|$)))/i,
  /^(?:auto-?|automatically )generated\b/i,
  /^(?:this|the) (?:(?:file|code|source|module|class|document) )+(?:(?:is|was|has been|are) )?(?:an? )?(?:auto-?|automatically |machine[- ])?(?:re-?)?generated\b/i,
  /\bgenerated\b.*[-.,;:!–—]\s*(?:please )?do not (?:edit|modify|change)\b/i,
  /^do not (?:edit|modify)\b(?!.*\bunless\b)/i,
];
/** Folders in which projects keep copies of libraries beside code that they wrote. */
const libraryFolder =
  /(?:^|\/)(?:libs?|libraries|assets|static|public|javascripts?|js|scripts|plugins|externals?|contrib|deps)\//i;
/** The first comment of a distributed library: its name and version in the first lines, and the terms of its use. */
const libraryName = /^\s*(?:@\w+\s+)?([A-Za-z][\w.$ -]{1,40}?)(?: -)?,? (?:v|version:? )?\d+\.\d+(?:\.\d+)?\b/i;
/** Words before a version that is not the one of a library, such as that of a license. */
const otherVersion =
  /licen[cs]e|copyright|under\b|\b(?:[AL]?GPL|MPL|EPL|Apache|CC|ECMA\w*|HTTP|RFC|format|protocol|since|requires?)\b/i;
const terms = /copyright|\(c\)|©|licen[cs]e/i;
const maxNameLines = 4;

/** Returns true for a copy of a library, which names itself, its version and its terms at its start. */
export function isLibraryCopy(file: string, head: string): boolean {
  const comment = /^\s*(?:\/\*[\s\S]*?\*\/|(?:\/\/[^\n]*\n)+)/.exec(head)?.[0];
  if (comment === undefined || !libraryFolder.test(file) || !terms.test(comment)) return false;
  const lines = comment.split('\n').map((line) => line.replace(/^[\s/*!]+/, ''));
  return lines
    .filter(Boolean)
    .slice(0, maxNameLines)
    .some((line) => {
      const name = libraryName.exec(line)?.[1];
      return name !== undefined && !otherVersion.test(name);
    });
}

/** Starts of files that a compiler or bundler has written. */
const foreignStarts: readonly RegExp[] = [
  /^(?:["']use strict["'];\s*)?(?:var __\w+ = [\s\S]{0,4000}?)?Object\.defineProperty\(exports, ["']__esModule["'], ?\{ ?value: (?:true|!0) ?\}\);?\s*(?:exports\.|var |const |Object\.)/,
  /^\/\*{6}\/ \(|^\(function webpackUniversalModuleDefinition\(|^\/\/ modules are defined as an array\b/,
];
/** Last line by which a compiler or bundler refers to the source map beside its output. */
const sourceMapReference = /\/[/*][#@] sourceMappingURL=(?!data:)[^\s'"`]+(?: ?\*\/)?\s*$/;
/** Maximum number of lines in which a mark is looked for. */
const maxMarkLines = 20;
/** Maximum length of a handwritten line. A file with a longer one is minified or data. */
const maxLineLength = 5000;
const commentLeader = /^\s*(?:\/\/+!?|\/?\*+|#+!?|--|;+|%+|<!--|"""|''')[-=*#\s]*/;

/** Returns true if the start of a file shows that it is generated or minified. */
export function isForeignHead(head: string): boolean {
  return (
    head.split('\n').some((line) => line.length > maxLineLength) ||
    foreignStarts.some((start) => start.test(head)) ||
    generatorMark(head) !== undefined
  );
}

/** Returns true if the end of a file shows that a compiler or bundler has written it. */
export const isForeignTail = (tail: string): boolean => sourceMapReference.test(tail);

/** Finds the comment by which a generator marks its output. Returns its 1-based line and its text without the leader. */
export function generatorMark(head: string): { readonly line: number; readonly text: string } | undefined {
  const lines = preambleOf(head).split('\n', maxMarkLines).map(commentIn);
  const index = lines.findIndex(
    (text, line) => generatorMarks.some((mark) => mark.test(text)) && !isContinuation(lines[line - 1], text),
  );
  return index < 0 ? undefined : { line: index + 1, text: lines[index] as string };
}

/** Returns whether a comment line continues the sentence of the previous line. */
const isContinuation = (previous: string | undefined, text: string): boolean =>
  previous !== undefined && /[\p{L}\d,]$/u.test(previous) && /^\p{Ll}/u.test(text);

/** Returns everything before the first code that is not an import. Generators write their name and version there. */
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

/** Returns the comment at the start of a line without its leader, or an empty string. */
export const commentIn = (line: string): string => {
  const leader = commentLeader.exec(line)?.[0];
  return leader === undefined ? '' : line.slice(leader.length).trimEnd();
};
