/** Checks that each file uses one kind of line ending. */
import { plural } from '../../../../../protocol/plural.ts';
import { type Check, fail, pass } from '../../../check/check.ts';
import { findingsOf } from '../../../check/findings.ts';
import { isSourceName } from '../../source-extensions.ts';
import { splitNul, withGit } from '../git/git-query.ts';

export const eol: Check = {
  id: 'WS_EOL',
  category: 'workspace',
  severity: 'warning',
  minProfile: 'enterprise',
  title: 'No file mixes line endings',
  timeoutMs: 3000,
  lane: 'cheap',
  run: withGit(async (git, { repository }) => {
    // Each entry: i/<in the index> w/<in the working tree> attr/<attributes>, tab, path.
    const entries = splitNul((await git(['ls-files', '--eol', '-z'])).stdout);
    const mixed = entries
      .filter((entry) => /^i\/mixed /.test(entry) && !/ attr\/-text\b/.test(entry))
      .map((entry) => entry.slice(entry.indexOf('\t') + 1))
      // Tests read their data byte by byte, such as messages of a protocol.
      .filter((file) => !repository.isForeign(file) && (isSourceName(file) || !repository.isTest(file)));
    if (mixed.length === 0) return pass(`No mixed line endings in ${plural(entries.length, 'file')}.`);
    const verb = mixed.length === 1 ? 'has' : 'have';
    return fail(`${mixed.length} of ${plural(entries.length, 'file')} ${verb} mixed line endings.`, {
      findings: findingsOf(mixed, (file) => ({ file, message: 'Some lines end with CRLF, others with LF.' })),
      remediation: [
        {
          priority: 'low',
          title: 'Normalize line endings',
          steps: ['Add “* text=auto” to .gitattributes.', 'Renormalize the files and commit them.'],
          command: ['git', 'add', '--renormalize', '.'],
        },
      ],
    });
  }),
};
