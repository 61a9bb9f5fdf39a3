/** Checks that there are no new import cycles, that is, files that need each other while they load. */
import { plural } from '../../../../../protocol/plural.ts';
import type { Finding } from '../../../../../protocol/validation/validation.ts';
import { readConfigs } from '../../../../detection/resolve/modules/module-config.ts';
import { ModuleResolver } from '../../../../detection/resolve/modules/module-resolver.ts';
import { type Check, type CheckContext, fail, pass, skip } from '../../../check/check.ts';
import { findCycleGroups, findShortestCycle, type ImportGraph } from './import-graph.ts';
import { findImportingFiles, type ImportingFile, withYields } from './import-sources.ts';

/** Line of an import, by the two files separated by NUL. */
type ImportLines = Map<string, number>;

/** Builds the graph of imports that run while a file loads. Type imports and deferred imports do not. */
async function buildGraph({
  repository,
}: CheckContext): Promise<{ readonly graph: ImportGraph; readonly lines: ImportLines }> {
  const files = await repository.files();
  const sources = (await findImportingFiles(repository)).filter(
    ({ file, facts }) => facts.language !== 'declaration' && !file.endsWith('.pyi'),
  );
  const sourceFiles = new Set(sources.map(({ file }) => file));
  const modules = new ModuleResolver(sourceFiles, readConfigs(repository.root, files));
  const graph = new Map<string, Set<string>>();
  const lines: ImportLines = new Map();
  for await (const source of withYields(sources)) {
    const edges = new Set<string>();
    graph.set(source.file, edges);
    for (const { from, form, line, names } of source.facts.imports) {
      if (form !== 'static' && form !== 'optional') continue;
      for (const target of resolveTargets(source, modules, from, names)) {
        if (target === source.file || !sourceFiles.has(target)) continue;
        edges.add(target);
        const key = `${source.file}\0${target}`;
        if (!lines.has(key)) lines.set(key, line);
      }
    }
  }
  return { graph, lines };
}

function resolveTargets(
  { file, facts, isPython }: ImportingFile,
  modules: ModuleResolver,
  from: string,
  names?: readonly string[],
): string[] {
  const module = modules.resolve(file, from, facts.language)?.file;
  if (!isPython || !names) return module === undefined ? [] : [module];
  // `from package import name` imports the submodule if `name` is one, and the package itself otherwise.
  const targets = names.map(
    (name) => modules.resolve(file, from.endsWith('.') ? from + name : `${from}.${name}`, 'python')?.file ?? module,
  );
  return [...new Set(targets.length > 0 ? targets : [module])].filter((target) => target !== undefined);
}

interface ImportCycle {
  /** Identifies the cycle between runs: the sorted files of its strongly connected component. */
  readonly key: string;
  readonly files: readonly string[];
  /** A shortest cycle. The first file is repeated at the end. */
  readonly path: readonly string[];
}

const cacheKey = 'BLD_CYCLES known';

function toFinding({ files, path }: ImportCycle, lines: ImportLines): Finding {
  const line = lines.get(`${path[0]}\0${path[1]}`);
  const note = files.length > path.length - 1 ? ` (one of several among ${plural(files.length, 'file')})` : '';
  return {
    file: path[0] as string,
    ...(line ? { line } : {}),
    message: `Import cycle: ${path.join(' → ')}${note}.`,
  };
}

export const cycles: Check = {
  id: 'BLD_CYCLES',
  category: 'build',
  severity: 'info',
  minProfile: 'enterprise',
  title: 'No new import cycles',
  timeoutMs: 60_000,
  lane: 'cheap',
  run: async (context) => {
    const { graph, lines } = await buildGraph(context);
    if (graph.size === 0) return skip('not_applicable', 'The workspace has no JavaScript, TypeScript or Python files.');
    const allCycles = findCycleGroups(graph).map(
      (files): ImportCycle => ({ key: files.join('\n'), files, path: findShortestCycle(graph, files) }),
    );
    const previousKeys = context.cache.get<string[]>(cacheKey);
    const isNew = ({ key }: ImportCycle): boolean => previousKeys !== undefined && !previousKeys.includes(key);
    // New cycles are not stored, so they are reported until they are fixed. Fixed cycles are forgotten.
    const knownKeys = allCycles.filter((cycle) => !isNew(cycle)).map(({ key }) => key);
    context.cache.set(cacheKey, knownKeys);
    const newCycles = allCycles.filter(isNew);
    const findings = (newCycles.length > 0 ? newCycles : allCycles).map((cycle) => toFinding(cycle, lines));
    if (newCycles.length > 0) {
      return fail(`${plural(newCycles.length, 'new import cycle')} (${knownKeys.length} known).`, {
        findings,
        remediation: [
          {
            priority: 'low',
            title: 'Break the cycle',
            steps: ['Move the shared code into a third file, or import it inside the function that uses it.'],
          },
        ],
      });
    }
    const fileCount = plural(graph.size, 'source file');
    if (allCycles.length === 0) return pass(`No import cycles in ${fileCount}.`);
    const note = previousKeys ? 'none of them new' : 'recorded as known';
    return pass(`${plural(allCycles.length, 'import cycle')} in ${fileCount}, ${note}.`, { findings });
  },
};
