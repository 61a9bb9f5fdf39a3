/** Which file is configuration, in which format, and where its text is not the format itself but makes it. */
import { posix } from 'node:path';
import type { Fault } from '../../../check/findings.ts';
import { type JsonRules, jsonFault } from './json-fault.ts';
import { tomlFault } from './toml-fault.ts';
import { yamlFault } from './yaml-fault.ts';

export interface Format {
  readonly title: string;
  readonly fits: RegExp;
  /** The first place where the text is not of this format. */
  fault(text: string): Fault | undefined | Promise<Fault | undefined>;
}

const relaxed: JsonRules = { comments: true, trailingCommas: true };
const commented = /^\s*(?:\/\/|\/\*)/m;

/** Texts of several values, one a line, go by `.json` too. */
function isLines(text: string): boolean {
  const lines = text.trim().split('\n');
  return lines.length > 1 && lines.every((line) => line.trim() === '' || jsonFault(line) === undefined);
}

/** Where one comment stands, its reader takes comments: who wrote it knew that. */
function plainJson(text: string): Fault | undefined {
  const fault = jsonFault(text, commented.test(text) ? relaxed : undefined);
  return fault && isLines(text) ? undefined : fault;
}

/** The first row that fits counts. */
export const formats: readonly Format[] = [
  {
    title: 'JSON with comments',
    fits: new RegExp(
      [
        String.raw`\.(?:jsonc|code-workspace|code-snippets|sublime-[a-z]+|hujson)$`,
        String.raw`(?:^|/)(?:[jt]sconfig|tslint|jslint|devcontainer|api-extractor|typedoc|turbo|biome|deno|dprint|wrangler|angular|nx|project|language-configuration|renovate|rush|launch|settings|tasks|extensions|keybindings)(?:[._-][^/]*)?\.json$`,
        String.raw`(?:^|/)\.(?:vscode|devcontainer|zed|fleet)/[^/]*\.json$`,
        String.raw`(?:^|/)\.(?:eslintrc|swcrc|jshintrc|jscsrc|hintrc|oxlintrc|markdownlint|jsdoc)(?:\.json)?$`,
      ].join('|'),
      'i',
    ),
    // Without an ending it may as well be YAML.
    fault: async (text) => {
      const fault = jsonFault(text, relaxed);
      return fault && !text.trimStart().startsWith('{') && !(await yamlFault(text)) ? undefined : fault;
    },
  },
  // Babel reads its own as JSON5, which has more forms than are known here.
  { title: 'JSON', fits: /(?<!\.babelrc)\.(?:json|webmanifest)$/i, fault: plainJson },
  {
    title: 'YAML',
    fits: /\.ya?ml$|(?:^|\/)(?:\.clang-format|\.clang-tidy|\.prettierrc|\.stylelintrc|CITATION\.cff)$/,
    fault: yamlFault,
  },
  { title: 'TOML', fits: /\.toml$/i, fault: tomlFault },
];

/** Marks of Jinja, Helm, Go, Handlebars, ERB and the like; `${{` is GitHub's own and part of its YAML. */
const templateMarks =
  /(?<!\$)\{\{|\{%|<%|^\s*#(?:if|each|end)\b|@[A-Z][A-Z0-9_]+@|\$\{[A-Za-z_][^}\n]*\}|__[A-Z][A-Z0-9_]+__/m;
/** Folders whose files are written into other projects. */
const templateFolders =
  /(?:^|\/)(?:_?templates?|scaffolds?|skeletons?|blueprints?|cookiecutter[^/]*|\{\{[^/]*)(?:\/|$)/i;
/** Read as they are by the program they are for. */
const neverTemplates = /^(?:\.github\/|\.gitlab-ci\.yml$|\.circleci\/)/;

/** Whether a text that does not parse only becomes what its name says: by a template engine. */
export const isTemplate = (file: string, text: string, files: ReadonlySet<string>): boolean =>
  !neverTemplates.test(file) && (templateFolders.test(file) || templateMarks.test(text) || isHelm(file, files));

/** Helm's templates stand in `templates`, beside or below the chart's own file. */
function isHelm(file: string, files: ReadonlySet<string>): boolean {
  const [before, after] = file.split(/(?:^|\/)templates\//);
  return after !== undefined && files.has(posix.join(before ?? '', 'Chart.yaml'));
}
