/** Checks that templates, and the graphs and queries that fill them, are well-formed. */
import { createYielder } from '../../../../process/yield-to-loop.ts';
import { plural } from '../../../../protocol/plural.ts';
import type { Finding } from '../../../../protocol/validation/validation.ts';
import { type Check, fail, pass, skip } from '../../check/check.ts';
import { findingsOf, type TextError } from '../../check/findings.ts';
import { findGraphError } from './find-graph-error.ts';
import { findEjsError, findHandlebarsError, findJinjaError } from './template-tags.ts';

interface TemplateFormat {
  readonly title: string;
  readonly pattern: RegExp;
  findError(text: string): TextError | undefined;
}

const formats: readonly TemplateFormat[] = [
  { title: 'Tera and Jinja', pattern: /\.(?:tera|j2|jinja2?)$/i, findError: findJinjaError },
  { title: 'Handlebars', pattern: /\.(?:hbs|handlebars|mustache)$/i, findError: findHandlebarsError },
  { title: 'EJS', pattern: /\.ejs$/i, findError: findEjsError },
  { title: 'Turtle', pattern: /\.(?:ttl|trig)$/i, findError: (text) => findGraphError(text, 'turtle') },
  { title: 'SPARQL', pattern: /\.(?:rq|sparql)$/i, findError: (text) => findGraphError(text, 'sparql') },
];

export const templates: Check = {
  id: 'GEN_TEMPLATES',
  category: 'generation',
  severity: 'warning',
  minProfile: 'ci',
  title: 'Templates, graphs and queries are well-formed',
  timeoutMs: 2000,
  lane: 'cheap',
  run: async ({ repository, signal }) => {
    const titles = new Set<string>();
    const findings: Finding[] = [];
    let fileCount = 0;
    const yieldIfDue = createYielder();
    for (const file of await repository.files()) {
      await yieldIfDue();
      const format = formats.find(({ pattern }) => pattern.test(file));
      if (!format || repository.isForeign(file)) continue;
      const text = await repository.text(file);
      if (text === undefined) continue;
      signal.throwIfAborted();
      fileCount++;
      titles.add(format.title);
      const error = format.findError(text);
      if (error) findings.push({ file, ...error });
    }
    if (fileCount === 0) return skip('not_applicable', 'The workspace has no templates, graphs or queries.');
    const formatList = [...titles].join(', ');
    if (findings.length === 0) return pass(`${plural(fileCount, 'file is', 'files are')} well-formed (${formatList}).`);
    const verb = findings.length === 1 ? 'is' : 'are';
    return fail(`${findings.length} of ${plural(fileCount, 'file')} ${verb} malformed (${formatList}).`, {
      findings: findingsOf(findings, (finding) => finding),
      remediation: [
        {
          priority: 'medium',
          title: 'Fix the templates',
          steps: ['Go to each reported line and close the open tag, bracket or string.'],
        },
      ],
    });
  },
};
