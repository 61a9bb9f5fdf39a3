/** Which output is written from which sources: only what a configuration, a directive or a head says, no guesses. */
import { posix } from 'node:path';
import { paced } from '../../check/yield-to-loop.ts';
import { field } from '../../repository/manifest-formats.ts';
import type { Repository } from '../../repository/repository.ts';
import { configsOf, contentOf, folderOf, ontologyOf, rulesOf } from './generator-configs.ts';
import { type Marked, markedOf, Sources } from './marked-files.ts';
import { copied, lostLine, type Proof, proofFor } from './output-languages.ts';

export interface Pair {
  readonly output: string;
  /** Whether it may depend on a file: where none of these changed, its generator had no reason to write it anew. */
  reads(file: string): boolean;
  /** A source that the output can be held against, and how. */
  readonly held?: { readonly source: string; readonly proof: Proof };
  /** Who says so, for people. */
  readonly by: string;
}

type Reads = Pair['reads'];

/** An output may depend on more than the source that is named: on any of its kind that people write. */
function kin(repository: Repository, ...sources: readonly string[]): Reads {
  const endings = sources.map((source) => posix.extname(source) || source);
  return (file) => endings.some((ending) => file.endsWith(ending)) && !repository.isForeign(file);
}

/** @param only outputs that are asked for; all where none are named */
export async function pairsOf(repository: Repository, only?: ReadonlySet<string>): Promise<Pair[]> {
  const files = await repository.files();
  const marked = await markedOf(repository, only ? files.filter((file) => only.has(file)) : files);
  const sources = new Sources(files);
  const all = [
    ...marked.flatMap((one) => headPair(repository, one, sources) ?? []),
    ...(await configPairs(repository, marked)),
    ...(await directivePairs(repository, only ?? new Set(files))),
  ];
  const there = only ?? new Set(files);
  return all.filter(({ output }) => there.has(output));
}

function headPair(repository: Repository, one: Marked, sources: Sources): Pair | undefined {
  const source = sources.of(one);
  if (source === undefined) return undefined;
  const proof = proofFor(source, one);
  const held = proof ? { held: { source, proof } } : {};
  return { output: one.file, reads: kin(repository, source), ...held, by: `its head, which names ${source}` };
}

async function configPairs(repository: Repository, marked: readonly Marked[]): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (const config of await configsOf(repository)) {
    const content = await contentOf(repository, config);
    const folder = folderOf(config.file);
    const by = config.file;
    const { title } = config.generator;
    if (title === 'ggen') pairs.push(...ggenPairs(repository, content, folder, by));
    if (title === 'Prisma') pairs.push(...prismaPairs(content, folder, by));
    if (title === 'sqlc') pairs.push(...sqlcPairs(repository, content, folder, by, marked));
    if (title === 'OpenAPI Generator') pairs.push(...(await openapiPairs(repository, content, folder, by)));
  }
  return pairs;
}

function ggenPairs(repository: Repository, content: unknown, folder: string, by: string): Pair[] {
  return rulesOf(content, folder).flatMap(({ output, query, template }) => {
    if (output === undefined || template === undefined) return [];
    const reads = kin(repository, ontologyOf(content, folder) ?? '.ttl', query ?? '.rq', template);
    return [{ output, reads, held: { source: template, proof: lostLine }, by }];
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
            reads: (file: string) => file === by,
            held: { source: by, proof: copied },
            by,
          },
        ]
      : [];
  });
}

const asTexts = (value: unknown): string[] => [value].flat().filter((one) => typeof one === 'string');

/** sqlc's two forms of configuration: `sql` with its `gen`, and the older `packages`. Any SQL may be of its schema. */
function sqlcPairs(
  repository: Repository,
  content: unknown,
  folder: string,
  by: string,
  marked: readonly Marked[],
): Pair[] {
  const entries = [field(content, 'sql'), field(content, 'packages')].flatMap((list) =>
    Array.isArray(list) ? list : [],
  );
  const outs = entries.flatMap((entry) => [
    field(entry, 'path'),
    ...Object.values(field(entry, 'gen') ?? {}).map((one) => field(one, 'out')),
  ]);
  const targets = asTexts(outs).map((out) => posix.join(folder, out));
  const reads = kin(repository, '.sql');
  return marked
    .filter(({ file, text }) => /sqlc/i.test(text) && targets.includes(posix.dirname(file)))
    .map(({ file }) => ({ output: file, reads, by }));
}

/** It writes down what it has written in a folder. */
async function openapiPairs(repository: Repository, content: unknown, folder: string, by: string): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (const generator of Object.values(field(field(content, 'generator-cli'), 'generators') ?? {})) {
    const [output, input] = [field(generator, 'output'), field(generator, 'inputSpec') ?? field(generator, 'glob')];
    if (typeof output !== 'string' || typeof input !== 'string' || /[*#:$]/.test(`${output}${input}`)) continue;
    const target = posix.join(folder, output);
    const list = (await repository.text(posix.join(target, '.openapi-generator/FILES'))) ?? '';
    const written = list.split('\n').filter((line) => line !== '');
    // It may refer to other files of its kind.
    const reads = kin(repository, input);
    pairs.push(...written.map((name) => ({ output: posix.join(target, name), reads, by })));
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
async function directivePairs(repository: Repository, outputs: ReadonlySet<string>): Promise<Pair[]> {
  const pairs: Pair[] = [];
  const turn = paced();
  if (![...outputs].some((file) => file.endsWith('.go'))) return pairs;
  for (const file of (await repository.files()).filter((one) => one.endsWith('.go'))) {
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
        reads: kin(repository, file),
        by: `go:generate in ${file}`,
      });
    }
  }
  return pairs;
}
