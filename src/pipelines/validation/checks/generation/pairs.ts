/** Which output is written from which sources: only what a configuration, a directive or a head says, no guesses. */
import { posix } from 'node:path';
import { paced } from '../../pace.ts';
import { field } from '../../repository/manifests.ts';
import type { Repository } from '../../repository.ts';
import { configsOf, contentOf, folderOf, ontologyOf, rulesOf } from './configs.ts';
import { copied, lostLine, type Proof, proofFor } from './languages.ts';
import { type Marked, markedOf, Sources } from './marked.ts';

export interface Pair {
  readonly output: string;
  /** All of them, so that an output that changed while they did not was not written by its generator. */
  readonly sources: readonly string[];
  /** The one of them that the output can be held against, and how. */
  readonly held?: { readonly source: string; readonly proof: Proof };
  /** Who says so, for people. */
  readonly by: string;
}

/** Files of one ending that people write: an output may depend on more of them than the one that its head names. */
class Kin {
  readonly #repository: Repository;
  readonly #files: readonly string[];
  readonly #known = new Map<string, readonly string[]>();

  constructor(repository: Repository, files: readonly string[]) {
    this.#repository = repository;
    this.#files = files;
  }

  of(source: string): readonly string[] {
    const ending = source.startsWith('.') ? source : posix.extname(source);
    const known = this.#known.get(ending) ?? this.#files.filter((file) => this.#isKin(file, ending));
    this.#known.set(ending, known);
    return known;
  }

  #isKin(file: string, ending: string): boolean {
    return file.endsWith(ending) && !this.#repository.isForeign(file);
  }
}

export async function pairsOf(repository: Repository): Promise<Pair[]> {
  const files = await repository.files();
  const marked = await markedOf(repository);
  const kin = new Kin(repository, files);
  const all = [
    ...headPairs(marked, new Sources(files), kin),
    ...(await configPairs(repository, marked, kin)),
    ...(await directivePairs(repository, files, kin)),
  ];
  const there = new Set(files);
  return all.filter(({ output, sources }) => there.has(output) && sources.length > 0);
}

function headPairs(marked: readonly Marked[], sources: Sources, kin: Kin): Pair[] {
  return marked.flatMap((one) => {
    const source = sources.of(one);
    if (source === undefined) return [];
    const proof = proofFor(source, one);
    const held = proof ? { held: { source, proof } } : {};
    return [{ output: one.file, sources: kin.of(source), ...held, by: `its head, which names ${source}` }];
  });
}

async function configPairs(repository: Repository, marked: readonly Marked[], kin: Kin): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (const config of await configsOf(repository)) {
    const content = await contentOf(repository, config);
    const folder = folderOf(config.file);
    const by = config.file;
    if (config.generator.title === 'ggen') pairs.push(...ggenPairs(content, folder, by, kin));
    if (config.generator.title === 'Prisma') pairs.push(...prismaPairs(content, folder, by));
    if (config.generator.title === 'sqlc') pairs.push(...sqlcPairs(content, folder, by, marked, kin));
    if (config.generator.title === 'OpenAPI Generator')
      pairs.push(...(await openapiPairs(repository, content, folder, by, kin)));
  }
  return pairs;
}

function ggenPairs(content: unknown, folder: string, by: string, kin: Kin): Pair[] {
  const ontology = kin.of(ontologyOf(content, folder) ?? '.ttl');
  return rulesOf(content, folder).flatMap(({ output, query, template }) => {
    if (output === undefined || template === undefined) return [];
    const sources = [by, ...ontology, ...kin.of(query ?? '.rq'), ...kin.of(template)];
    return [{ output, sources, held: { source: template, proof: lostLine }, by }];
  });
}

/** Prisma puts a copy of the schema beside the client that it writes. */
function prismaPairs(content: unknown, folder: string, by: string): Pair[] {
  const blocks = typeof content === 'string' ? content.matchAll(/^generator\s+\w+\s*\{([^}]*)\}/gm) : [];
  return [...blocks].flatMap(([, block = '']) => {
    const output = /^\s*output\s*=\s*"([^"]+)"/m.exec(block)?.[1];
    return output
      ? [
          {
            output: posix.join(folder, output, 'schema.prisma'),
            sources: [by],
            held: { source: by, proof: copied },
            by,
          },
        ]
      : [];
  });
}

const asTexts = (value: unknown): string[] => [value].flat().filter((one) => typeof one === 'string');

/** sqlc's two forms of configuration: `sql` with its `gen`, and the older `packages`. Any SQL may be of its schema. */
function sqlcPairs(content: unknown, folder: string, by: string, marked: readonly Marked[], kin: Kin): Pair[] {
  const entries = [field(content, 'sql'), field(content, 'packages')].flatMap((list) =>
    Array.isArray(list) ? list : [],
  );
  const outs = entries.flatMap((entry) => [
    field(entry, 'path'),
    ...Object.values(field(entry, 'gen') ?? {}).map((one) => field(one, 'out')),
  ]);
  const targets = asTexts(outs).map((out) => posix.join(folder, out));
  const sources = [by, ...kin.of('.sql')];
  return marked
    .filter(({ file, text }) => /sqlc/i.test(text) && targets.includes(posix.dirname(file)))
    .map(({ file }) => ({ output: file, sources, by }));
}

/** It writes down what it has written in a folder. */
async function openapiPairs(
  repository: Repository,
  content: unknown,
  folder: string,
  by: string,
  kin: Kin,
): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (const generator of Object.values(field(field(content, 'generator-cli'), 'generators') ?? {})) {
    const [output, input] = [field(generator, 'output'), field(generator, 'inputSpec') ?? field(generator, 'glob')];
    if (typeof output !== 'string' || typeof input !== 'string' || /[*#:$]/.test(`${output}${input}`)) continue;
    const target = posix.join(folder, output);
    const list = (await repository.text(posix.join(target, '.openapi-generator/FILES'))) ?? '';
    const written = list.split('\n').filter((line) => line !== '');
    // It may refer to other files of its kind.
    const sources = [by, ...kin.of(input)];
    pairs.push(...written.map((name) => ({ output: posix.join(target, name), sources, by })));
  }
  return pairs;
}

const directive = /^\/\/go:generate\s+(.+)$/gm;
const option = (names: string): RegExp => new RegExp(`(?:^|\\s)--?(?:${names})(?:=|\\s+)["']?([^\\s"']+)`);
const outputOption = option('destination|output|o');
const typeOption = option('type');
/** Their source is Go of this workspace; that of others may be anything. */
const readsGo = /\b(?:stringer|enumer)\b|\bmockgen\b.*\s--?source\b/;

/** Directives of Go whose command says what it writes, and reads nothing but Go. */
async function directivePairs(repository: Repository, files: readonly string[], kin: Kin): Promise<Pair[]> {
  const pairs: Pair[] = [];
  const turn = paced();
  for (const file of files.filter((one) => one.endsWith('.go'))) {
    await turn();
    if (repository.isForeign(file)) continue;
    const text = (await repository.text(file)) ?? '';
    if (!text.includes('//go:generate')) continue;
    for (const [, command = ''] of text.matchAll(directive)) {
      if (!readsGo.test(command)) continue;
      const type = typeOption.exec(command)?.[1]?.split(',')[0]?.toLowerCase();
      const named =
        outputOption.exec(command)?.[1] ?? (type && `${type}_${command.includes('enumer') ? 'enumer' : 'string'}.go`);
      if (named === undefined || named.includes('$')) continue;
      pairs.push({
        output: posix.join(posix.dirname(file), named),
        sources: kin.of(file),
        by: `go:generate in ${file}`,
      });
    }
  }
  return pairs;
}
