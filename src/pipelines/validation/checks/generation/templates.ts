/** Whether templates, and the graphs and queries that fill them, hold together: what opens is closed, in its order. */
import type { Finding } from '../../../../protocol/validation.ts';
import { type Check, fault, pass, skip } from '../../check/check.ts';
import { counted, type Fault, findingsOf } from '../../check/findings.ts';
import { paced } from '../../check/yield-to-loop.ts';
import { graphFault } from './graph-fault.ts';
import { ejsFault, handlebarsFault, jinjaFault } from './template-tags.ts';

interface Kind {
  readonly title: string;
  readonly fits: RegExp;
  fault(text: string): Fault | undefined;
}

const kinds: readonly Kind[] = [
  { title: 'Tera and Jinja', fits: /\.(?:tera|j2|jinja2?)$/i, fault: jinjaFault },
  { title: 'Handlebars', fits: /\.(?:hbs|handlebars|mustache)$/i, fault: handlebarsFault },
  { title: 'EJS', fits: /\.ejs$/i, fault: ejsFault },
  { title: 'Turtle', fits: /\.(?:ttl|trig)$/i, fault: (text) => graphFault(text, 'turtle') },
  { title: 'SPARQL', fits: /\.(?:rq|sparql)$/i, fault: (text) => graphFault(text, 'sparql') },
];

const templates: Check = {
  id: 'GEN_TEMPLATES',
  category: 'generation',
  severity: 'warning',
  from: 'ci',
  title: 'Templates, graphs and queries hold together',
  timeoutMs: 2000,
  lane: 'cheap',
  run: async ({ repository, signal }) => {
    const titles = new Set<string>();
    const bad: Finding[] = [];
    let read = 0;
    const turn = paced();
    for (const file of await repository.files()) {
      await turn();
      const kind = kinds.find(({ fits }) => fits.test(file));
      if (!kind || repository.isForeign(file)) continue;
      const text = await repository.text(file);
      if (text === undefined) continue;
      signal.throwIfAborted();
      read++;
      titles.add(kind.title);
      const found = kind.fault(text);
      if (found) bad.push({ file, ...found });
    }
    if (read === 0) return skip('not_applicable', 'There is no template, graph or query of a known kind.');
    const told = `${counted(read, 'file')} of ${[...titles].join(', ')}`;
    if (bad.length === 0) return pass(`${told}, all whole.`);
    return fault(`${bad.length} of ${told} with something open or out of order.`, {
      findings: findingsOf(bad, (one) => one),
      remediation: [
        {
          priority: 'medium',
          title: 'Mend the templates',
          steps: ['Go to each place that is named and close what is open.'],
        },
      ],
    });
  },
};

export const templateChecks: readonly Check[] = [templates];
