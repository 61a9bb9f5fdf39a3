/** Circles of imports: files that need each other while they are loaded. */
import type { Finding } from '../../../../../protocol/validation.ts';
import { readConfigs } from '../../../../detection/resolve/module-config.ts';
import { Modules } from '../../../../detection/resolve/modules.ts';
import { type Check, type Context, fault, pass, skip } from '../../../check/check.ts';
import { counted } from '../../../check/findings.ts';
import { circleIn, type Graph, groupsOf } from './import-graph.ts';
import { inTurns, type Source, sourcesOf } from './import-sources.ts';

/** What is needed while a file is loaded; types are gone by then. */
async function graphOf({ repository }: Context): Promise<{ readonly graph: Graph; readonly lines: Lines }> {
  const files = await repository.files();
  const sources = (await sourcesOf(repository)).filter(
    ({ file, facts }) => facts.language !== 'declaration' && !file.endsWith('.pyi'),
  );
  const names = new Set(sources.map(({ file }) => file));
  const modules = new Modules(names, readConfigs(repository.root, files));
  const graph = new Map<string, Set<string>>();
  const lines: Lines = new Map();
  for await (const source of inTurns(sources)) {
    const edges = new Set<string>();
    graph.set(source.file, edges);
    for (const { from, form, line, names: parts } of source.facts.imports) {
      if (form !== 'static' && form !== 'optional') continue;
      for (const target of targetsOf(source, modules, from, parts)) {
        if (target === source.file || !names.has(target)) continue;
        edges.add(target);
        const key = `${source.file}\0${target}`;
        if (!lines.has(key)) lines.set(key, line);
      }
    }
  }
  return { graph, lines };
}

/** Line of an import, by the two files. */
type Lines = Map<string, number>;

function targetsOf(
  { file, facts, isPython }: Source,
  modules: Modules,
  from: string,
  parts?: readonly string[],
): string[] {
  const module = modules.resolve(file, from, facts.language)?.file;
  if (!isPython || !parts) return module === undefined ? [] : [module];
  // `from package import part` needs the part where that is a module: the package itself is being loaded already.
  const found = parts.map(
    (part) => modules.resolve(file, from.endsWith('.') ? from + part : `${from}.${part}`, 'python')?.file ?? module,
  );
  return [...new Set(found.length > 0 ? found : [module])].filter((one) => one !== undefined);
}

interface Circle {
  /** Files of the whole group, in order: by them it is known again. */
  readonly key: string;
  readonly files: readonly string[];
  /** A shortest way round, its first file again at its end. */
  readonly way: readonly string[];
}

const memoryKey = 'BLD_CYCLES known';

function findingOf({ files, way }: Circle, lines: Lines): Finding {
  const line = lines.get(`${way[0]}\0${way[1]}`);
  const more = files.length > way.length - 1 ? ` (one of the circles among ${counted(files.length, 'file')})` : '';
  return {
    file: way[0] as string,
    ...(line ? { line } : {}),
    message: `Imports go round in a circle: ${way.join(' → ')}${more}.`,
  };
}

const cycles: Check = {
  id: 'BLD_CYCLES',
  category: 'build',
  severity: 'info',
  from: 'enterprise',
  title: 'No imports that go round in a circle are new',
  timeoutMs: 60_000,
  lane: 'cheap',
  run: async (context) => {
    const { graph, lines } = await graphOf(context);
    if (graph.size === 0) return skip('not_applicable', 'There is no JavaScript, TypeScript or Python source.');
    const circles = groupsOf(graph).map(
      (files): Circle => ({ key: files.join('\n'), files, way: circleIn(graph, files) }),
    );
    const before = context.memory.get<string[]>(memoryKey);
    const isNew = ({ key }: Circle): boolean => before !== undefined && !before.includes(key);
    // What was mended is forgotten; what is new is told until it is mended.
    const known = circles.filter((circle) => !isNew(circle)).map(({ key }) => key);
    context.memory.set(memoryKey, known);
    const fresh = circles.filter(isNew);
    const findings = (fresh.length > 0 ? fresh : circles).map((circle) => findingOf(circle, lines));
    const seen = `${counted(graph.size, 'source file')}`;
    if (fresh.length > 0) {
      return fault(`${counted(fresh.length, 'circle')} of imports in ${seen} are new, beside ${known.length} known.`, {
        findings,
        remediation: [
          {
            priority: 'low',
            title: 'Break the circle',
            steps: ['Move what both files need into a third one, or import it where it is used.'],
          },
        ],
      });
    }
    if (circles.length === 0) return pass(`No imports of ${seen} go round in a circle.`);
    const verb = before ? 'known' : 'there, and known from now on';
    return pass(`${counted(circles.length, 'circle')} of imports in ${seen}: ${verb}; none is new.`, { findings });
  },
};

export const cycleChecks: readonly Check[] = [cycles];
