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

export async function pairsOf(repository: Repository): Promise<Pair[]> {
  const files = await repository.files();
  const marked = await markedOf(repository);
  const all = [
    ...headPairs(marked, new Sources(files)),
    ...(await configPairs(repository, files, marked)),
    ...(await directivePairs(repository, files)),
  ];
  const there = new Set(files);
  return all.filter(({ output, sources }) => there.has(output) && sources.length > 0);
}

function headPairs(marked: readonly Marked[], sources: Sources): Pair[] {
  return marked.flatMap((one) => {
    const source = sources.of(one);
    if (source === undefined) return [];
    const proof = proofFor(source, one);
    return [{ output: one.file, sources: [source], ...(proof ? { held: { source, proof } } : {}), by: 'its head' }];
  });
}

async function configPairs(
  repository: Repository,
  files: readonly string[],
  marked: readonly Marked[],
): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (const config of await configsOf(repository)) {
    const content = await contentOf(repository, config);
    const folder = folderOf(config.file);
    const by = config.file;
    if (config.generator.title === 'ggen') pairs.push(...ggenPairs(content, folder, by));
    if (config.generator.title === 'Prisma') pairs.push(...prismaPairs(content, folder, by));
    if (config.generator.title === 'sqlc') pairs.push(...sqlcPairs(content, folder, by, files, marked));
    if (config.generator.title === 'OpenAPI Generator')
      pairs.push(...(await openapiPairs(repository, content, folder, by)));
  }
  return pairs;
}

function ggenPairs(content: unknown, folder: string, by: string): Pair[] {
  const ontology = ontologyOf(content, folder) ?? [];
  return rulesOf(content, folder).flatMap(({ output, query, template }) => {
    if (output === undefined || template === undefined) return [];
    return [
      {
        output,
        sources: [by, ontology, query ?? [], template].flat(),
        held: { source: template, proof: lostLine },
        by,
      },
    ];
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

/** sqlc's two forms of configuration: `sql` with its `gen`, and the older `packages`. */
function sqlcPairs(
  content: unknown,
  folder: string,
  by: string,
  files: readonly string[],
  marked: readonly Marked[],
): Pair[] {
  const entries = [field(content, 'sql'), field(content, 'packages')].flatMap((list) =>
    Array.isArray(list) ? list : [],
  );
  return entries.flatMap((entry) => {
    const inputs = ['schema', 'queries']
      .flatMap((key) => asTexts(field(entry, key)))
      .map((one) => posix.join(folder, one));
    const sources = files.filter((file) => inputs.some((input) => file === input || file.startsWith(`${input}/`)));
    const outs = [field(entry, 'path'), ...Object.values(field(entry, 'gen') ?? {}).map((one) => field(one, 'out'))];
    const targets = asTexts(outs).map((out) => posix.join(folder, out));
    const outputs = marked.filter(({ file, text }) => /sqlc/i.test(text) && targets.includes(posix.dirname(file)));
    return sources.length > 0 ? outputs.map(({ file }) => ({ output: file, sources: [by, ...sources], by })) : [];
  });
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
    const sources = [by, posix.join(folder, input)];
    pairs.push(...written.map((name) => ({ output: posix.join(target, name), sources, by })));
  }
  return pairs;
}

const directive = /^\/\/go:generate\s+(.+)$/gm;
const option = (names: string): RegExp => new RegExp(`(?:^|\\s)--?(?:${names})(?:=|\\s+)["']?([^\\s"']+)`);
const outputOption = option('destination|output|out|o');
const sourceOption = option('source');
const typeOption = option('type');

/** Directives of Go whose command names its output; one that names no source reads the files of its folder. */
async function directivePairs(repository: Repository, files: readonly string[]): Promise<Pair[]> {
  const pairs: Pair[] = [];
  const turn = paced();
  for (const file of files.filter((one) => one.endsWith('.go'))) {
    await turn();
    if (repository.isForeign(file)) continue;
    const text = (await repository.text(file)) ?? '';
    if (!text.includes('//go:generate')) continue;
    const folder = posix.dirname(file);
    for (const [, command = ''] of text.matchAll(directive)) {
      const type = /\bstringer\b/.test(command) ? typeOption.exec(command)?.[1]?.split(',')[0] : undefined;
      const named = outputOption.exec(command)?.[1] ?? (type ? `${type.toLowerCase()}_string.go` : undefined);
      if (named === undefined || named.includes('$')) continue;
      const output = posix.join(folder, named);
      const source = sourceOption.exec(command)?.[1];
      const beside = files.filter((one) => posix.dirname(one) === folder && one !== output);
      pairs.push({
        output,
        sources: source ? [file, posix.join(folder, source)] : beside,
        by: `${file} (go:generate)`,
      });
    }
  }
  return pairs;
}
