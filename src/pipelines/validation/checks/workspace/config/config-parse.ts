/** Whether configuration can be read, in whatever format it is. */
import { createHash } from 'node:crypto';
import type { Finding } from '../../../../../protocol/validation.ts';
import { type Check, type Context, fault, type Memory, pass, skip } from '../../../check/check.ts';
import { counted, type Fault, findingsOf } from '../../../check/findings.ts';
import { paced } from '../../../check/yield-to-loop.ts';
import { type Format, formats, isTemplate } from './config-formats.ts';

/** What is longer is data, and takes longer than it is worth. */
const longest = 200_000;

interface Look {
  readonly read: number;
  /** Texts that a template engine makes into configuration. */
  readonly templates: number;
  readonly bad: readonly Finding[];
}

/** What was found in texts, by their hash: reading YAML is slow, and few files change between two runs. */
class Known {
  readonly #memory: Memory;
  readonly #before: Readonly<Record<string, Fault | null>>;
  readonly #now: Record<string, Fault | null> = {};

  constructor(memory: Memory) {
    this.#memory = memory;
    this.#before = memory.get('WS_CONFIG_PARSE') ?? {};
  }

  async fault(text: string, format: Format): Promise<Fault | undefined> {
    const hash = createHash('sha256').update(`${format.title}\n${text}`).digest('base64url').slice(0, 22);
    const before = this.#before[hash];
    const found = before === undefined ? ((await format.fault(text)) ?? null) : before;
    this.#now[hash] = found;
    return found ?? undefined;
  }

  save(): void {
    this.#memory.set('WS_CONFIG_PARSE', this.#now);
  }
}

async function lookAt({ repository, memory, signal }: Context): Promise<Look> {
  const files = await repository.files();
  const all = new Set(files);
  const known = new Known(memory);
  const bad: Finding[] = [];
  let [read, templates] = [0, 0];
  const turn = paced();
  for (const file of files) {
    await turn();
    const format = formats.find(({ fits }) => fits.test(file));
    if (!format || repository.isTest(file) || repository.isForeign(file)) continue;
    const text = await repository.text(file);
    if (text === undefined || text.length > longest) continue;
    signal.throwIfAborted();
    read++;
    const found = await known.fault(text, format);
    if (!found) continue;
    if (isTemplate(file, text, all)) templates++;
    else bad.push({ file, ...found });
  }
  known.save();
  return { read, templates, bad };
}

const configParse: Check = {
  id: 'WS_CONFIG_PARSE',
  category: 'workspace',
  severity: 'warning',
  from: 'ci',
  title: 'JSON, YAML and TOML can be read',
  timeoutMs: 4000,
  lane: 'cheap',
  run: async (context) => {
    const { read, templates, bad } = await lookAt(context);
    if (read === 0) return skip('not_applicable', 'There is no configuration in JSON, YAML or TOML.');
    const beside = templates > 0 ? `, ${counted(templates, 'template')} not judged` : '';
    if (bad.length === 0)
      return pass(`${counted(read - templates, 'file')} of JSON, YAML and TOML can be read${beside}.`);
    return fault(`${bad.length} of ${counted(read, 'file')} of JSON, YAML and TOML cannot be read${beside}.`, {
      findings: findingsOf(bad, (one) => one),
      remediation: [
        {
          priority: 'medium',
          title: 'Mend what cannot be read',
          steps: ['Go to each place that is named and correct it; its reader would fail or fall back to defaults.'],
        },
      ],
    });
  },
};

export const syntaxChecks: readonly Check[] = [configParse];
