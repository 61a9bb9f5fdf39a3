/** What is generated here, and by which configuration. */
import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { Finding } from '../../../../protocol/validation.ts';
import { type Check, fault, pass, skip } from '../../check/check.ts';
import { counted, findingsOf } from '../../check/findings.ts';
import { configsOf, contentOf } from './generator-configs.ts';
import { markedOf } from './marked-files.ts';

const config: Check = {
  id: 'GEN_CONFIG',
  category: 'generation',
  severity: 'info',
  from: 'dev',
  title: 'Generators are configured, and what they read is there',
  timeoutMs: 1000,
  lane: 'cheap',
  run: async ({ repository }) => {
    const configs = await configsOf(repository);
    if (configs.length === 0) return skip('not_applicable', 'No generator is configured.');
    const files = new Set(await repository.files());
    const bad: Finding[] = [];
    for (const one of configs) {
      const content = await contentOf(repository, one);
      if (content === undefined) bad.push({ file: one.file, message: `${one.generator.title} cannot read it.` });
      const inputs = one.generator.inputs?.(content, posix.dirname(one.file)) ?? [];
      const missing = [...new Set(inputs)].filter((file) => !files.has(file));
      bad.push(...missing.map((file) => ({ file: one.file, message: `It names ${file}, which is not here.` })));
    }
    const titles = [...new Set(configs.map(({ generator }) => generator.title))].join(', ');
    const evidence = [{ kind: 'file_content', content: configs.map(({ file }) => file).join('\n') }] as const;
    const told = `${counted(configs.length, 'configuration')} of generators (${titles})`;
    if (bad.length === 0) return pass(`${told}.`, { evidence });
    return fault(`${told}, ${counted(bad.length, 'fault')} in them.`, {
      evidence,
      findings: findingsOf(bad, (one) => one),
      remediation: [
        { priority: 'medium', title: 'Mend the configuration', steps: ['Correct what is named, and generate again.'] },
      ],
    });
  },
};

const inventory: Check = {
  id: 'GEN_INVENTORY',
  category: 'generation',
  severity: 'info',
  from: 'dev',
  title: 'Files that a generator has marked as its own',
  timeoutMs: 2000,
  lane: 'cheap',
  run: async ({ repository }) => {
    const marked = await markedOf(repository);
    if (marked.length === 0) return skip('not_applicable', 'No file carries the mark of a generator.');
    const lines = await Promise.all(
      marked.map(async ({ file }) => {
        const text = (await repository.text(file)) ?? '';
        return `${createHash('sha256').update(text).digest('hex')}  ${file}`;
      }),
    );
    return pass(`${counted(marked.length, 'file')} with the mark of a generator.`, {
      evidence: [{ kind: 'hash', content: lines.join('\n') }],
      findings: findingsOf(marked, ({ file, line, text }) => ({
        file,
        line,
        message: `A generator has marked it: ${text}`,
      })),
    });
  },
};

export const inventoryChecks: readonly Check[] = [config, inventory];
