/** Known code generators: the names of their configuration files, how to read them, and which files they refer to. */
import { posix } from 'node:path';
import { defined } from '../../../../protocol/defined.ts';
import { isFixtureName } from '../../repository/foreign/file-names.ts';
import { field } from '../../repository/manifest-formats.ts';
import type { Repository } from '../../repository/repository.ts';

interface Generator {
  readonly title: string;
  /** Matches the paths of its configuration files. */
  readonly pattern: RegExp;
  readonly format: 'json' | 'toml' | 'yaml' | 'other';
  /** Matches the content. Required for names that other files may have too. */
  readonly content?: RegExp;
  /** Returns the input files that the configuration names one by one, relative to the workspace. */
  findInputs?(content: unknown, folder: string): readonly string[];
}

const generators: readonly Generator[] = [
  {
    title: 'ggen',
    pattern: /(?:^|\/)ggen\.toml$/,
    format: 'toml',
    findInputs: (content, folder) => findGgenInputs(content, folder),
  },
  { title: 'buf', pattern: /(?:^|\/)buf\.gen(?:\.[\w-]+)?\.ya?ml$/, format: 'yaml' },
  { title: 'sqlc', pattern: /(?:^|\/)sqlc\.ya?ml$/, format: 'yaml' },
  { title: 'sqlc', pattern: /(?:^|\/)sqlc\.json$/, format: 'json' },
  { title: 'Prisma', pattern: /(?:^|\/)schema\.prisma$/, format: 'other' },
  { title: 'OpenAPI Generator', pattern: /(?:^|\/)openapitools\.json$/, format: 'json' },
  { title: 'Orval', pattern: /(?:^|\/)orval\.config\.[cm]?[jt]s$/, format: 'other' },
  { title: 'Kubb', pattern: /(?:^|\/)kubb\.config\.[cm]?[jt]s$/, format: 'other' },
  {
    title: 'GraphQL Code Generator',
    pattern: /(?:^|\/)(?:codegen|graphql-codegen)\.ya?ml$/,
    format: 'yaml',
    content: /^generates\s*:/m,
  },
  {
    title: 'GraphQL Code Generator',
    pattern: /(?:^|\/)codegen\.[cm]?ts$/,
    format: 'other',
    content: /@graphql-codegen\/|\bCodegenConfig\b|\bgenerates\s*:/,
  },
  { title: 'gqlgen', pattern: /(?:^|\/)\.?gqlgen\.ya?ml$/, format: 'yaml' },
  { title: 'oapi-codegen', pattern: /(?:^|\/)\.?oapi-codegen\.ya?ml$/, format: 'yaml' },
  { title: 'mockery', pattern: /(?:^|\/)\.mockery\.ya?ml$/, format: 'yaml' },
];

export interface GeneratorConfig {
  readonly file: string;
  readonly generator: Generator;
}

/** Folders of third-party code, which is generated elsewhere. */
const thirdParty =
  /(?:^|\/)(?:node_modules|vendor|vendored|_vendor|third[-_]?party|site-packages|bower_components|\.yarn)\//;

/** Returns true if a file belongs to this project, that is, neither to third-party code nor to test fixtures. */
export const isProjectFile = (file: string): boolean => !thirdParty.test(file) && !isFixtureName(file);

export async function findGeneratorConfigs(repository: Repository): Promise<GeneratorConfig[]> {
  const configs: GeneratorConfig[] = [];
  for (const file of await repository.files()) {
    const generator = generators.find(({ pattern }) => pattern.test(file));
    if (!generator || !isProjectFile(file) || repository.isTest(file)) continue;
    if (generator.content?.test((await repository.text(file)) ?? '') === false) continue;
    configs.push({ file, generator });
  }
  return configs;
}

/** Returns the parsed content, or the text of a format that has no parser. Undefined if the file is invalid. */
export const readGeneratorConfig = (
  repository: Repository,
  { file, generator: { format } }: GeneratorConfig,
): Promise<unknown> => (format === 'other' ? repository.text(file) : repository[format](file));

/** A rule of ggen: a query fills a template, and the result is written to a file. */
interface GgenRule {
  readonly template?: string;
  readonly query?: string;
  /** Undefined if the path is a pattern, or if the rule does not overwrite the whole file. */
  readonly output?: string;
}

export function readGgenRules(content: unknown, folder: string): GgenRule[] {
  const rules = field(field(content, 'generation'), 'rules');
  return (Array.isArray(rules) ? rules : []).map((rule) => {
    // Other modes keep the existing file or append to it.
    const overwrites = /^overwrite$/i.test(String(field(rule, 'mode') ?? 'overwrite'));
    const toPath = (value: unknown): string | undefined =>
      typeof value === 'string' && !value.includes('{') ? posix.join(folder, value) : undefined;
    const [template, query] = ['template', 'query'].map((key) => toPath(field(field(rule, key), 'file')));
    const output = overwrites ? toPath(field(rule, 'output_file')) : undefined;
    return defined({ template, query, output });
  });
}

export function readGgenOntology(content: unknown, folder: string): string | undefined {
  const source = field(field(content, 'ontology'), 'source');
  return typeof source === 'string' ? posix.join(folder, source) : undefined;
}

function findGgenInputs(content: unknown, folder: string): string[] {
  const ruleInputs = readGgenRules(content, folder).flatMap(({ template, query }) => [template, query]);
  return [...ruleInputs, readGgenOntology(content, folder)].filter((file) => file !== undefined);
}
