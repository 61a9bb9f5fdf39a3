/** Checks that the programs and modules that manifests announce are implemented. */
import { plural } from '../../../../protocol/plural.ts';
import type { Finding } from '../../../../protocol/validation/validation.ts';
import { type Check, fail, pass, skip } from '../../check/check.ts';
import { findingsOf } from '../../check/findings.ts';
import type { Repository, Stack, StackId } from '../../repository/repository.ts';
import { readCargoEntries } from './cargo-entries.ts';
import { readNodeEntries } from './node-entries.ts';
import { readPythonEntries } from './python-entries.ts';

/** An announced program or module, and why it cannot be loaded. */
export interface EntryPoint {
  readonly name: string;
  /** Undefined if it exists, or if it is not certain that it does not. */
  readonly problem?: string;
}

/** Reads the entry points of a manifest by the language of its project. */
const readers: Partial<Record<StackId, (repository: Repository, stack: Stack) => Promise<readonly EntryPoint[]>>> = {
  node: readNodeEntries,
  python: readPythonEntries,
  rust: readCargoEntries,
};

export const entryPoints: Check = {
  id: 'REG_ENTRY_POINTS',
  category: 'tools',
  severity: 'warning',
  minProfile: 'dev',
  title: 'Announced programs and modules are implemented',
  timeoutMs: 10_000,
  lane: 'cheap',
  run: async ({ repository }) => {
    const findings: Finding[] = [];
    let total = 0;
    for (const stack of await repository.stacks()) {
      const entries = (await readers[stack.id]?.(repository, stack)) ?? [];
      total += entries.length;
      for (const { name, problem } of entries)
        if (problem !== undefined) findings.push({ file: stack.manifest, message: `${name}: ${problem}` });
    }
    if (total === 0) return skip('not_applicable', 'No manifest announces a program or a module.');
    if (findings.length === 0)
      return pass(`${plural(total, 'announced program or module', 'announced programs and modules')} exist.`);
    return fail(
      `${findings.length} of ${plural(total, 'announced program or module', 'announced programs and modules')} do not exist.`,
      {
        findings: findingsOf(findings, (finding) => finding),
        remediation: [
          {
            priority: 'high',
            title: 'Correct the manifest',
            steps: ['Add the missing file, or correct its path in the manifest.'],
          },
        ],
      },
    );
  },
};
