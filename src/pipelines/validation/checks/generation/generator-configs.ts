/** Configurations of generators: by which names they go, how they are read, and which files they name. */
import { posix } from 'node:path';
import { isFixtureName } from '../../repository/file-names.ts';
import { field } from '../../repository/manifest-formats.ts';
import type { Repository } from '../../repository/repository.ts';

export interface Generator {
  readonly title: string;
  readonly fits: RegExp;
  readonly format: 'json' | 'toml' | 'yaml' | 'other';
  /** Files that it reads, relative to the workspace, as far as its configuration names them one by one. */
  inputs?(content: unknown, folder: string): readonly string[];
}

export const generators: readonly Generator[] = [
  {
    title: 'ggen',
    fits: /(?:^|\/)ggen\.toml$/,
    format: 'toml',
    inputs: (content, folder) => ggenInputs(content, folder),
  },
  { title: 'buf', fits: /(?:^|\/)buf\.gen(?:\.[\w-]+)?\.ya?ml$/, format: 'yaml' },
  { title: 'sqlc', fits: /(?:^|\/)sqlc\.ya?ml$/, format: 'yaml' },
  { title: 'sqlc', fits: /(?:^|\/)sqlc\.json$/, format: 'json' },
  { title: 'Prisma', fits: /(?:^|\/)schema\.prisma$/, format: 'other' },
  { title: 'OpenAPI Generator', fits: /(?:^|\/)openapitools\.json$/, format: 'json' },
  { title: 'Orval', fits: /(?:^|\/)orval\.config\.[cm]?[jt]s$/, format: 'other' },
  { title: 'Kubb', fits: /(?:^|\/)kubb\.config\.[cm]?[jt]s$/, format: 'other' },
  { title: 'GraphQL Code Generator', fits: /(?:^|\/)(?:codegen|graphql-codegen)\.ya?ml$/, format: 'yaml' },
  { title: 'GraphQL Code Generator', fits: /(?:^|\/)codegen\.[cm]?ts$/, format: 'other' },
  { title: 'gqlgen', fits: /(?:^|\/)\.?gqlgen\.ya?ml$/, format: 'yaml' },
  { title: 'oapi-codegen', fits: /(?:^|\/)\.?oapi-codegen\.ya?ml$/, format: 'yaml' },
  { title: 'mockery', fits: /(?:^|\/)\.mockery\.ya?ml$/, format: 'yaml' },
];

export interface Config {
  readonly file: string;
  readonly generator: Generator;
}

/** Other people's code, and data of tests: what generates it is not here. */
const elsewhere =
  /(?:^|\/)(?:node_modules|vendor|vendored|_vendor|third[-_]?party|site-packages|bower_components|\.yarn)\//;

export const isOurs = (file: string): boolean => !elsewhere.test(file) && !isFixtureName(file);

export async function configsOf(repository: Repository): Promise<Config[]> {
  const files = await repository.files();
  return files.flatMap((file) => {
    const generator = generators.find(({ fits }) => fits.test(file));
    return generator && isOurs(file) && !repository.isTest(file) ? [{ file, generator }] : [];
  });
}

export const contentOf = (repository: Repository, { file, generator: { format } }: Config): Promise<unknown> =>
  format === 'other' ? repository.text(file) : repository[format](file);

export const folderOf = (file: string): string => (posix.dirname(file) === '.' ? '' : posix.dirname(file));

/** One of ggen's rules: a query fills a template, whose text is written to a file. */
export interface Rule {
  readonly template?: string;
  readonly query?: string;
  /** Only where it is one file and not a pattern, and the whole of it is written. */
  readonly output?: string;
}

export function rulesOf(content: unknown, folder: string): Rule[] {
  const rules = field(field(content, 'generation'), 'rules');
  return (Array.isArray(rules) ? rules : []).map((rule) => {
    // In another mode, what stands there is kept or added to.
    const overwrites = /^overwrite$/i.test(String(field(rule, 'mode') ?? 'overwrite'));
    const placed = (value: unknown): string | undefined =>
      typeof value === 'string' && !value.includes('{') ? posix.join(folder, value) : undefined;
    const [template, query] = ['template', 'query'].map((key) => placed(field(field(rule, key), 'file')));
    const output = overwrites ? placed(field(rule, 'output_file')) : undefined;
    return { ...(template ? { template } : {}), ...(query ? { query } : {}), ...(output ? { output } : {}) };
  });
}

export function ontologyOf(content: unknown, folder: string): string | undefined {
  const source = field(field(content, 'ontology'), 'source');
  return typeof source === 'string' ? posix.join(folder, source) : undefined;
}

function ggenInputs(content: unknown, folder: string): string[] {
  const named = rulesOf(content, folder).flatMap(({ template, query }) => [template, query]);
  return [...named, ontologyOf(content, folder)].filter((file) => file !== undefined);
}
