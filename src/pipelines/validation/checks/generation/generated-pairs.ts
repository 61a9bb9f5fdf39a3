/** Pairs generated files with their sources. Uses configurations, directives and file headers, and never guesses. */
import { posix } from 'node:path';
import { createYielder } from '../../../../process/yield-to-loop.ts';
import { folderOf } from '../../repository/folders.ts';
import { field } from '../../repository/manifest-formats.ts';
import type { Repository } from '../../repository/repository.ts';
import { findGeneratorConfigs, readGeneratorConfig, readGgenOntology, readGgenRules } from './generator-configs.ts';
import { findMarkedFiles, type MarkedFile, SourceFinder } from './marked-files.ts';
import { findProof, proveLostLine, proveOldCopy, type StalenessProof } from './output-languages.ts';

export interface GeneratedPair {
  readonly output: string;
  /** Returns true if the output may depend on a file. If no such file has changed, a regenerated output is the same. */
  dependsOn(file: string): boolean;
  /** Source to compare the output with, and the rule that proves it out of date. */
  readonly comparison?: { readonly source: string; readonly proof: StalenessProof };
  /** Configuration, directive or header that names the source. Used in messages. */
  readonly origin: string;
}

/** Content of a generator configuration. Its paths are relative to `folder`. */
interface LoadedConfig {
  readonly file: string;
  readonly folder: string;
  readonly content: unknown;
}

/** Creates a `dependsOn` for all handwritten files with the extension of a source, since sources import each other. */
function dependsOnType(repository: Repository, ...sources: readonly string[]): GeneratedPair['dependsOn'] {
  const extensions = sources.map((source) => posix.extname(source) || source);
  return (file) => extensions.some((extension) => file.endsWith(extension)) && !repository.isForeign(file);
}

/** Finds pairs in the workspace. `only` restricts them to some outputs. */
export async function findGeneratedPairs(repository: Repository, only?: ReadonlySet<string>): Promise<GeneratedPair[]> {
  const files = await repository.files();
  const outputs = only ?? new Set(files);
  const markedFiles = await findMarkedFiles(repository, only ? files.filter((file) => only.has(file)) : files);
  const sources = new SourceFinder(files);
  const pairs = [
    ...markedFiles.flatMap((markedFile) => pairFromHeader(repository, markedFile, sources) ?? []),
    ...(await pairsFromConfigs(repository, markedFiles)),
    ...(await pairsFromDirectives(repository, outputs)),
  ];
  return pairs.filter(({ output }) => outputs.has(output));
}

function pairFromHeader(
  repository: Repository,
  markedFile: MarkedFile,
  sources: SourceFinder,
): GeneratedPair | undefined {
  const source = sources.find(markedFile);
  if (source === undefined) return undefined;
  const proof = findProof(source, markedFile);
  return {
    output: markedFile.file,
    dependsOn: dependsOnType(repository, source),
    ...(proof ? { comparison: { source, proof } } : {}),
    origin: `its header, which names ${source}`,
  };
}

async function pairsFromConfigs(repository: Repository, markedFiles: readonly MarkedFile[]): Promise<GeneratedPair[]> {
  const pairs: GeneratedPair[] = [];
  for (const generatorConfig of await findGeneratorConfigs(repository)) {
    const { file, generator } = generatorConfig;
    const config = { file, folder: folderOf(file), content: await readGeneratorConfig(repository, generatorConfig) };
    if (generator.title === 'ggen') pairs.push(...pairGgen(repository, config));
    if (generator.title === 'Prisma') pairs.push(...pairPrisma(config));
    if (generator.title === 'sqlc') pairs.push(...pairSqlc(repository, config, markedFiles));
    if (generator.title === 'OpenAPI Generator') pairs.push(...(await pairOpenApi(repository, config)));
  }
  return pairs;
}

function pairGgen(repository: Repository, { file, folder, content }: LoadedConfig): GeneratedPair[] {
  return readGgenRules(content, folder).flatMap(({ output, query, template }) => {
    if (output === undefined || template === undefined) return [];
    const ontology = readGgenOntology(content, folder) ?? '.ttl';
    return [
      {
        output,
        dependsOn: dependsOnType(repository, ontology, query ?? '.rq', template),
        comparison: { source: template, proof: proveLostLine },
        origin: file,
      },
    ];
  });
}

/** Pairs a Prisma schema with the copy that Prisma writes next to the generated client. */
function pairPrisma({ file: schema, folder, content }: LoadedConfig): GeneratedPair[] {
  const blocks = typeof content === 'string' ? content.matchAll(/^generator\s+\w+\s*\{([^}]*)\}/gm) : [];
  return [...blocks].flatMap(([, block = '']) => {
    const output = /^\s*output\s*=\s*"([^"]+)"/m.exec(block)?.[1];
    return output
      ? [
          {
            output: posix.join(folder, output, 'schema.prisma'),
            dependsOn: (file: string) => file === schema,
            comparison: { source: schema, proof: proveOldCopy },
            origin: schema,
          },
        ]
      : [];
  });
}

const toStrings = (value: unknown): string[] => [value].flat().filter((item) => typeof item === 'string');

/**
 * Pairs SQL files with the outputs of sqlc. Supports both configuration formats: `sql` with `gen`, and the older
 * `packages`. Every SQL file may be part of the schema.
 */
function pairSqlc(
  repository: Repository,
  { file: config, folder, content }: LoadedConfig,
  markedFiles: readonly MarkedFile[],
): GeneratedPair[] {
  const entries = [field(content, 'sql'), field(content, 'packages')].flatMap((list) =>
    Array.isArray(list) ? list : [],
  );
  const outputs = entries.flatMap((entry) => [
    field(entry, 'path'),
    ...Object.values(field(entry, 'gen') ?? {}).map((settings) => field(settings, 'out')),
  ]);
  const outputFolders = toStrings(outputs).map((path) => posix.join(folder, path));
  const dependsOn = dependsOnType(repository, '.sql');
  return markedFiles
    .filter(({ file, text }) => /sqlc/i.test(text) && outputFolders.includes(posix.dirname(file)))
    .map(({ file }) => ({ output: file, dependsOn, origin: config }));
}

/** Pairs an OpenAPI specification with its outputs, which the generator lists in `.openapi-generator/FILES`. */
async function pairOpenApi(
  repository: Repository,
  { file: config, folder, content }: LoadedConfig,
): Promise<GeneratedPair[]> {
  const pairs: GeneratedPair[] = [];
  for (const generator of Object.values(field(field(content, 'generator-cli'), 'generators') ?? {})) {
    const [output, input] = [field(generator, 'output'), field(generator, 'inputSpec') ?? field(generator, 'glob')];
    if (typeof output !== 'string' || typeof input !== 'string' || /[*#:$]/.test(`${output}${input}`)) continue;
    const outputFolder = posix.join(folder, output);
    const list = (await repository.text(posix.join(outputFolder, '.openapi-generator/FILES'))) ?? '';
    const names = list.split('\n').filter((line) => line !== '');
    const dependsOn = dependsOnType(repository, input);
    pairs.push(...names.map((name) => ({ output: posix.join(outputFolder, name), dependsOn, origin: config })));
  }
  return pairs;
}

const directivePattern = /^\/\/go:generate\s+(.+)$/gm;
const createOptionPattern = (names: string): RegExp => new RegExp(`(?:^|\\s)--?(?:${names})(?:=|\\s+)["']?([^\\s"']+)`);
const outputOption = createOptionPattern('destination|output|o');
const typeOption = createOptionPattern('type');
/** Generators that read only Go files of this workspace. The inputs of other generators are unknown. */
const goReaders = /\b(?:stringer|enumer)\b|\bmockgen\b.*\s--?source\b/;

/** Evaluates `go:generate` directives whose command names the output and reads only Go. */
async function pairsFromDirectives(repository: Repository, outputs: ReadonlySet<string>): Promise<GeneratedPair[]> {
  const pairs: GeneratedPair[] = [];
  const yieldIfDue = createYielder();
  if (![...outputs].some((file) => file.endsWith('.go'))) return pairs;
  for (const file of (await repository.files()).filter((path) => path.endsWith('.go'))) {
    await yieldIfDue();
    if (repository.isForeign(file)) continue;
    const text = (await repository.text(file)) ?? '';
    if (!text.includes('//go:generate')) continue;
    for (const [, command = ''] of text.matchAll(directivePattern)) {
      if (!goReaders.test(command)) continue;
      const type = typeOption.exec(command)?.[1]?.split(',')[0]?.toLowerCase();
      const output =
        outputOption.exec(command)?.[1] ?? (type && `${type}_${command.includes('enumer') ? 'enumer' : 'string'}.go`);
      if (output === undefined || output.includes('$')) continue;
      pairs.push({
        output: posix.join(posix.dirname(file), output),
        dependsOn: dependsOnType(repository, file),
        origin: `go:generate in ${file}`,
      });
    }
  }
  return pairs;
}
