/** Configuration formats to check, and rules that distinguish templates from configuration. */
import { posix } from 'node:path';
import type { TextError } from '../../../check/findings.ts';
import { findJsonError, type JsonRules } from './find-json-error.ts';
import { findTomlError } from './find-toml-error.ts';
import { findYamlError } from './find-yaml-error.ts';

export interface ConfigFormat {
  readonly title: string;
  /** Matches the paths of files in this format. */
  readonly pattern: RegExp;
  /** Returns the first syntax error, or undefined if the text is valid. */
  findError(text: string): TextError | undefined | Promise<TextError | undefined>;
}

const relaxedRules: JsonRules = { comments: true, trailingCommas: true };
const commentLine = /^\s*(?:\/\/|\/\*)/m;

/** Recognizes JSON Lines, one value per line, which some projects store as `.json`. */
function isJsonLines(text: string): boolean {
  const lines = text.trim().split('\n');
  return lines.length > 1 && lines.every((line) => line.trim() === '' || findJsonError(line) === undefined);
}

/** Returns the first error. If the file contains a comment, assumes that its program accepts comments. */
function findPlainJsonError(text: string): TextError | undefined {
  const error = findJsonError(text, commentLine.test(text) ? relaxedRules : undefined);
  return error && isJsonLines(text) ? undefined : error;
}

/** Formats in order of precedence: the first whose pattern matches a file applies. */
export const formats: readonly ConfigFormat[] = [
  {
    title: 'JSON with comments',
    pattern: new RegExp(
      [
        String.raw`\.(?:jsonc|code-workspace|code-snippets|sublime-[a-z]+|hujson)$`,
        String.raw`(?:^|/)(?:[jt]sconfig|tslint|jslint|devcontainer|api-extractor|typedoc|turbo|biome|deno|dprint|wrangler|angular|nx|project|language-configuration|renovate|rush|launch|settings|tasks|extensions|keybindings)(?:[._-][^/]*)?\.json$`,
        // Expo reads its configuration as JSON5.
        String.raw`(?:^|/)app\.json$`,
        String.raw`(?:^|/)\.(?:vscode|devcontainer|zed|fleet)/[^/]*\.json$`,
        String.raw`(?:^|/)\.(?:eslintrc|swcrc|jshintrc|jscsrc|hintrc|oxlintrc|markdownlint|jsdoc)(?:\.json)?$`,
      ].join('|'),
      'i',
    ),
    // A file without an extension, such as .eslintrc, may also be YAML.
    findError: async (text) => {
      const error = findJsonError(text, relaxedRules);
      return error && !text.trimStart().startsWith('{') && !(await findYamlError(text)) ? undefined : error;
    },
  },
  // Babel reads its configuration as JSON5, which this parser does not support.
  { title: 'JSON', pattern: /(?<!\.babelrc)\.(?:json|webmanifest)$/i, findError: findPlainJsonError },
  {
    title: 'YAML',
    pattern: /\.ya?ml$|(?:^|\/)(?:\.clang-format|\.clang-tidy|\.prettierrc|\.stylelintrc|CITATION\.cff)$/,
    findError: findYamlError,
  },
  { title: 'TOML', pattern: /\.toml$/i, findError: findTomlError },
];

/** Tags of Jinja, Helm, Go, Handlebars, ERB and similar engines. Not `${{`, which is valid in GitHub's YAML files. */
const templateTags =
  /(?<!\$)\{\{|\{%|<%|^\s*#(?:if|each|end)\b|@[A-Z][A-Z0-9_]+@|\$\{[A-Za-z_][^}\n]*\}|__[A-Z][A-Z0-9_]+__/m;
/** Folders whose files are copied into other projects. */
const templateFolders =
  /(?:^|\/)(?:_?templates?|scaffolds?|skeletons?|blueprints?|cookiecutter[^/]*|\{\{[^/]*)(?:\/|$)/i;
/** Files that their program reads directly, never through a template engine. */
const neverTemplates = /^(?:\.github\/(?:(?:workflows|actions)\/|[^/]+$)|\.gitlab-ci\.yml$|\.circleci\/)/;

/** Returns true if a file that does not parse is the input of a template engine rather than configuration. */
export const isTemplate = (file: string, text: string, files: ReadonlySet<string>): boolean =>
  !neverTemplates.test(file) && (templateFolders.test(file) || templateTags.test(text) || isHelm(file, files));

/** Returns true for a Helm template, which is in a `templates` folder next to a Chart.yaml. */
function isHelm(file: string, files: ReadonlySet<string>): boolean {
  const [before, after] = file.split(/(?:^|\/)templates\//);
  return after !== undefined && files.has(posix.join(before ?? '', 'Chart.yaml'));
}
