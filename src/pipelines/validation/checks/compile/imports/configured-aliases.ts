/** Reads the module aliases in the configurations of bundlers, transpilers and test runners, which are programs. */
import type { Repository } from '../../../repository/repository.ts';

const configFiles =
  /(?:^|[/.-])(?:config|conf|babelrc|swcrc)(?:\.[\w-]+)*(?:\.(?:[cm]?[jt]s|json))?$|(?:^|\/)(?:webpack|rollup|gulp|esbuild|build|metro|vite)[^/]*\.[cm]?[jt]s$|(?:^|\/)(?:gatsby-node|ember-cli-build|Gruntfile|karma|craco|jest[\w-]*|vitest[\w-]*)\.[cm]?[jt]s$|(?:^|\/)\.storybook\/main\.[cm]?[jt]s$|(?:^|\/)package\.json$/;
const maxConfigs = 300;

/** A quoted name, and what surrounds it. The name may be a regular expression, such as `^@app/(.*)$`. */
const quotedName =
  /(from|import|require|resolve)?\s*\(?\s*(['"`])\^?((?:\\.|[^'"`\\\n$()]){1,100})(?:\(\.[*+]\)|\(\?:[^)]*\)|\$)*\2(\s*:)?/g;
/** An unquoted name of an alias, which is followed by a path. */
const unquotedName =
  /(?:^|[{,])\s*([A-Za-z_]\w{1,60})\s*:\s*(?:path\b|resolve\b|join\b|fileURLToPath\b|new URL\b|require\.resolve\b|__dirname\b|r\(|[`'"](?:\.{0,2}\/|src|app|lib|\$\{))/gm;
/** An alias that is a regular expression: `find: /^@app\/(.*)/`. */
const expressionName = /\bfind\s*:\s*\/\^?((?:\\.|[^/\\\n(]){1,100})/g;
/** Parts of a package.json that define modules rather than dependencies. */
const manifestKeys = ['jest', 'alias', '_moduleAliases', 'moduleNameMapper', 'browser', 'babel'];

/** Returns a predicate for module names that a configuration defines as an alias, or mentions without importing them. */
export async function createAliasMatcher(
  repository: Repository,
  files: readonly string[],
): Promise<(spec: string) => boolean> {
  const exact = new Set<string>();
  const prefixes = new Set<string>();
  for (const file of files.filter((name) => configFiles.test(name)).slice(0, maxConfigs)) {
    const text = file.endsWith('package.json') ? await readManifest(repository, file) : await repository.text(file);
    if (text !== undefined) collectNames(text, exact, prefixes);
  }
  return (spec) => exact.has(spec) || parentsOf(spec).some((parent) => prefixes.has(parent));
}

async function readManifest(repository: Repository, file: string): Promise<string | undefined> {
  const content = (await repository.json(file)) as Record<string, unknown> | undefined;
  const parts = manifestKeys.map((key) => content?.[key]).filter((part) => typeof part === 'object' && part !== null);
  return parts.length === 0 ? undefined : parts.map((part) => JSON.stringify(part)).join('\n');
}

function collectNames(text: string, exact: Set<string>, prefixes: Set<string>): void {
  for (const [, isImport, , name = '', isKey] of text.matchAll(quotedName)) {
    if (isImport) continue;
    const alias = unescapeName(name);
    exact.add(alias);
    // A key may be a prefix. So may an alias that no package can have as its name.
    if (isKey || /^[@~#$]\/?$|\/$/.test(alias)) prefixes.add(alias.replace(/\/\*?$/, ''));
  }
  for (const [, name = ''] of text.matchAll(unquotedName)) prefixes.add(name);
  for (const [, name = ''] of text.matchAll(expressionName)) prefixes.add(unescapeName(name).replace(/\/\*?$/, ''));
}

const unescapeName = (name: string): string => name.replace(/\\(.)/g, '$1').replace(/\/(?:\(.*)?\*?$/, '');

/** Returns a module name and all names above it: `a/b/c`, `a/b`, `a`. */
function parentsOf(spec: string): string[] {
  const parts = spec.split('/');
  return parts.map((_, index) => parts.slice(0, parts.length - index).join('/'));
}
