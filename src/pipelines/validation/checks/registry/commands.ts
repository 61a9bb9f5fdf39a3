/** Checks that the commands in scripts and in documents for developers exist. */
import { plural } from '../../../../protocol/plural.ts';
import type { Finding } from '../../../../protocol/validation/validation.ts';
import { type Check, type CheckContext, type CheckOutcome, fail, pass, skip } from '../../check/check.ts';
import { findingsOf } from '../../check/findings.ts';
import { findCommands } from '../documents/shell-commands.ts';
import { type CommandRegistry, readRegistry } from './command-registry.ts';
import { isAboutDevelopment, readDeveloperDocuments } from './developer-documents.ts';
import { findScriptCalls } from './script-calls.ts';

export const commands: Check = {
  id: 'REG_COMMANDS',
  category: 'tools',
  severity: 'warning',
  minProfile: 'dev',
  title: 'The commands in scripts and documents exist',
  timeoutMs: 10_000,
  lane: 'cheap',
  run: checkCommands,
};

async function checkCommands(context: CheckContext): Promise<CheckOutcome> {
  const registry = await readRegistry(context.repository);
  const { findings: inScripts, calls } = await findScriptCalls(context.repository);
  const { findings: inDocuments, commands: documented } = await checkDocuments(context, registry);
  const findings = [...inScripts, ...inDocuments];
  const total = calls + documented;
  if (total === 0)
    return skip('not_applicable', 'No script and no document for developers names a command of the project.');
  if (findings.length === 0) return pass(`${plural(total, 'command')} in scripts and documents exist.`);
  return fail(`${findings.length} of ${plural(total, 'command')} in scripts and documents do not exist.`, {
    findings: findingsOf(findings, (finding) => finding),
    remediation: [
      {
        priority: 'medium',
        title: 'Correct the commands',
        steps: ['Add the missing script, target or file, or correct the place that names it.'],
      },
    ],
  });
}

async function checkDocuments(
  { repository }: CheckContext,
  registry: CommandRegistry,
): Promise<{ readonly findings: readonly Finding[]; readonly commands: number }> {
  const findings: Finding[] = [];
  let commandCount = 0;
  for (const document of await readDeveloperDocuments(repository)) {
    const isRelevant = (line: Parameters<typeof isAboutDevelopment>[1]): boolean => isAboutDevelopment(document, line);
    for (const command of findCommands(document.text, isRelevant, registry.hasFolder)) {
      const missing = registry.explainMissing(command);
      if (missing === undefined) continue;
      commandCount++;
      if (missing !== '') findings.push({ file: document.file, line: command.line, message: missing });
    }
  }
  return { findings, commands: commandCount };
}
