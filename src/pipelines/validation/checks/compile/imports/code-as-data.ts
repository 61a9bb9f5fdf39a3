/** Source files that other code reads as text: their imports are resolved elsewhere, for example in a sandbox of a website. */
import { posix } from 'node:path';
import type { ImportingFile } from './import-sources.ts';

/** An import of the text of a file, by a loader of webpack or a query of Vite. */
const textImport =
  /^(?:!{0,2}(?:raw|text|file|url|asset)[\w-]*loader(?:\?[^!]*)?!)([^!?]+)|^([^!?]+)\?(?:raw|url|text|source)\b/;

/** Returns the files that others import as text. */
export function findTextImports(sources: readonly ImportingFile[]): ReadonlySet<string> {
  const targets = sources.flatMap(({ file, facts }) =>
    facts.imports.flatMap(({ from }) => {
      const [, loaded, queried] = textImport.exec(from) ?? [];
      const path = loaded ?? queried;
      return path?.startsWith('.') ? [posix.join(posix.dirname(file), path)] : [];
    }),
  );
  return new Set(targets);
}

/** Folders whose files a website or a course may put together in another way than they are stored. */
const assembledFolder =
  /^(?:.*?\/)??(?:examples?|samples?|snippets?|tutorials?|sandbox(?:es)?|sandbox[-_]code|playgrounds?|demos?|exercises?|lessons?|recipes)(?=\/)/i;
/** Number of unresolved imports from which a folder may be assembled. Fewer are more likely mistakes. */
const minUnresolved = 3;

/** Counts the imports of such folders, and tells in which of them most do not resolve. */
export class AssembledFolders {
  readonly #counts = new Map<string, { imports: number; unresolved: number }>();

  add(file: string, isResolved: boolean): void {
    const folder = assembledFolder.exec(file)?.[0];
    if (folder === undefined) return;
    const counts = this.#counts.get(folder) ?? { imports: 0, unresolved: 0 };
    this.#counts.set(folder, counts);
    counts.imports++;
    if (!isResolved) counts.unresolved++;
  }

  /** Returns true if at least half of the imports in the folder of the file do not resolve, which nobody could have run. */
  has(file: string): boolean {
    const counts = this.#counts.get(assembledFolder.exec(file)?.[0] ?? '');
    return counts !== undefined && counts.unresolved >= minUnresolved && counts.unresolved * 2 >= counts.imports;
  }
}

/** Comments by which people accept that the import on the next line does not resolve. */
const acceptance =
  /@ts-(?:expect-error|ignore)\b|(?:import(?:-x)?|n|node)\/no-(?:unresolved|missing-(?:import|require))\b/;

/** Returns true for an import that a comment accepts, or of a file that the same script names elsewhere, such as to write it. */
export function isAcceptedImport(
  text: string,
  { from, line }: { readonly from: string; readonly line: number },
): boolean {
  const lines = text.split('\n');
  if (acceptance.test(lines[line - 2] ?? '') || acceptance.test(lines[line - 1] ?? '')) return true;
  const others = lines.filter((_, index) => index !== line - 1).join('\n');
  const isNamed = ['"', "'", '`'].some((quote) => others.includes(`${quote}${from}${quote}`));
  return isNamed && /\b(?:copyFile|writeFile|rename|symlink|link|cp|outputFile|build)(?:Sync)?\s*\(/.test(others);
}
