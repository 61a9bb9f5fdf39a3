/** Checks that the configuration files of code generators are readable and that their input files exist. */
import { plural } from '../../../../protocol/plural.ts';
import type { Finding } from '../../../../protocol/validation/validation.ts';
import { type Check, fail, pass, skip } from '../../check/check.ts';
import { findingsOf } from '../../check/findings.ts';
import { folderOf } from '../../repository/folders.ts';
import { findGeneratorConfigs, readGeneratorConfig } from './generator-configs.ts';

export const generationConfig: Check = {
  id: 'GEN_CONFIG',
  category: 'generation',
  severity: 'info',
  minProfile: 'dev',
  title: 'Generator configurations are valid and their inputs exist',
  timeoutMs: 1000,
  lane: 'cheap',
  run: async ({ repository }) => {
    const configs = await findGeneratorConfigs(repository);
    if (configs.length === 0) return skip('not_applicable', 'No code generator is configured.');
    const files = await repository.fileSet();
    const findings: Finding[] = [];
    for (const config of configs) {
      const { file, generator } = config;
      const content = await readGeneratorConfig(repository, config);
      if (content === undefined) findings.push({ file, message: `This ${generator.title} configuration is invalid.` });
      const inputs = generator.findInputs?.(content, folderOf(file)) ?? [];
      const missing = [...new Set(inputs)].filter((input) => !files.has(input));
      findings.push(...missing.map((input) => ({ file, message: `Refers to ${input}, which does not exist.` })));
    }
    const titles = [...new Set(configs.map(({ generator }) => generator.title))].join(', ');
    const evidence = [{ kind: 'file_content', content: configs.map(({ file }) => file).join('\n') }] as const;
    const count = `${plural(configs.length, 'generator configuration')} (${titles})`;
    if (findings.length === 0) return pass(`${count}.`, { evidence });
    return fail(`${plural(findings.length, 'error')} in ${count}.`, {
      evidence,
      findings: findingsOf(findings, (finding) => finding),
      remediation: [
        {
          priority: 'medium',
          title: 'Fix the generator configurations',
          steps: ['Correct each reported error, then run the generator again.'],
        },
      ],
    });
  },
};
