/** Lists the files that are marked as generated, with their hashes. */
import { createHash } from 'node:crypto';
import { plural } from '../../../../protocol/plural.ts';
import { type Check, pass, skip } from '../../check/check.ts';
import { findingsOf } from '../../check/findings.ts';
import { findMarkedFiles } from './marked-files.ts';

export const inventory: Check = {
  id: 'GEN_INVENTORY',
  category: 'generation',
  severity: 'info',
  minProfile: 'dev',
  title: 'Generated files are recorded with their hashes',
  timeoutMs: 2000,
  lane: 'cheap',
  run: async ({ repository }) => {
    const markedFiles = await findMarkedFiles(repository);
    if (markedFiles.length === 0) return skip('not_applicable', 'No file is marked as generated.');
    const lines = await Promise.all(
      markedFiles.map(async ({ file }) => {
        const text = (await repository.text(file)) ?? '';
        return `${createHash('sha256').update(text).digest('hex')}  ${file}`;
      }),
    );
    return pass(`${plural(markedFiles.length, 'file is', 'files are')} marked as generated.`, {
      evidence: [{ kind: 'hash', content: lines.join('\n') }],
      findings: findingsOf(markedFiles, ({ file, line, text }) => ({
        file,
        line,
        message: `Marked as generated: ${text}`,
      })),
    });
  },
};
