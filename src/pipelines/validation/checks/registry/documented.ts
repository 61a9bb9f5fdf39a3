/** Checks that documents mention the programs that manifests announce. */
import { posix } from 'node:path';
import { createYielder } from '../../../../process/yield-to-loop.ts';
import { plural } from '../../../../protocol/plural.ts';
import type { Finding } from '../../../../protocol/validation/validation.ts';
import { type Check, type CheckContext, type CheckOutcome, fail, pass, skip } from '../../check/check.ts';
import { isDocument } from '../../repository/foreign/file-names.ts';
import { field } from '../../repository/manifest-formats.ts';
import type { Repository, Stack, StackId } from '../../repository/repository.ts';

export const documented: Check = {
  id: 'REG_DOCUMENTED',
  category: 'tools',
  // A program may be internal, or documented elsewhere.
  severity: 'info',
  minProfile: 'enterprise',
  title: 'Documents mention the announced programs',
  timeoutMs: 20_000,
  lane: 'cheap',
  run: checkDocumented,
};

/** A program of a manifest. Its names are those that start the same code, of which documents need to mention one. */
interface AnnouncedProgram {
  readonly manifest: string;
  readonly names: readonly string[];
}

async function checkDocumented(context: CheckContext): Promise<CheckOutcome> {
  const { repository } = context;
  const programs: AnnouncedProgram[] = [];
  for (const stack of await repository.stacks())
    programs.push(...((await readers[stack.id]?.(repository, stack)) ?? []));
  if (programs.length === 0) return skip('not_applicable', 'No published manifest announces a program.');
  const documents = await readDocuments(context);
  if (documents.length === 0) return skip('not_applicable', 'The workspace has no documents.');
  const findings: Finding[] = programs
    .filter(({ names }) => !names.some((name) => isMentioned(name, documents)))
    .map(({ manifest, names }) => ({
      file: manifest,
      message: `No document mentions the program “${names.join('” or “')}”.`,
    }));
  const total = plural(programs.length, 'announced program');
  if (findings.length === 0) return pass(`Documents mention ${total}.`);
  return fail(`No document mentions ${findings.length} of ${total}.`, {
    findings,
    remediation: [
      {
        priority: 'low',
        title: 'Document the programs',
        steps: ['Say in the README what each program does and how it is started.'],
      },
    ],
  });
}

/** Readers of the announced programs by the language of a project. Private packages have no users who would read about them. */
const readers: Partial<Record<StackId, (repository: Repository, stack: Stack) => Promise<AnnouncedProgram[]>>> = {
  node: async (repository, { manifest }) => {
    const content = await repository.json(manifest);
    if (field(content, 'private') === true) return [];
    const [bin, name] = [field(content, 'bin'), field(content, 'name')];
    if (typeof bin !== 'string') return groupByTarget(manifest, bin);
    return typeof name === 'string' ? [{ manifest, names: [name.replace(/^@[^/]+\//, '')] }] : [];
  },
  python: async (repository, { manifest }) =>
    manifest.endsWith('pyproject.toml')
      ? groupByTarget(manifest, field(field(await repository.toml(manifest), 'project'), 'scripts'))
      : [],
  rust: async (repository, { folder, manifest }) => {
    const content = await repository.toml(manifest);
    const crate = field(content, 'package');
    if (field(crate, 'publish') === false) return [];
    const declared = field(content, 'bin');
    if (Array.isArray(declared)) return declared.map((item) => ({ manifest, names: [String(field(item, 'name'))] }));
    const hasMain = (await repository.fileSet()).has(posix.join(folder, 'src/main.rs'));
    return hasMain ? [{ manifest, names: [String(field(crate, 'name'))] }] : [];
  },
};

function groupByTarget(manifest: string, table: unknown): AnnouncedProgram[] {
  const names = new Map<string, string[]>();
  for (const [name, target] of Object.entries(table ?? {}))
    names.set(String(target), [...(names.get(String(target)) ?? []), name]);
  return [...names.values()].map((group) => ({ manifest, names: group }));
}

const manualPage = /\.[1-8]$/;

async function readDocuments({ repository, signal }: CheckContext): Promise<string[]> {
  const yieldIfDue = createYielder();
  const texts: string[] = [];
  for (const file of await repository.files()) {
    if (!isDocument(file) && !manualPage.test(file)) continue;
    await yieldIfDue();
    signal.throwIfAborted();
    const text = await repository.text(file);
    if (text !== undefined) texts.push(text);
  }
  return texts;
}

/** A name inside of a longer one, such as `lint` in `lint-staged`, does not count. */
function isMentioned(name: string, documents: readonly string[]): boolean {
  const pattern = new RegExp(`(?<![\\w-])${name.replaceAll(/[.*+?^$()[\]{}|\\]/g, '\\$&')}(?![\\w-])`, 'i');
  return documents.some((text) => pattern.test(text));
}
