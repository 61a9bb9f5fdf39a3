/** Checks that configuration files parse. */
import { createHash } from 'node:crypto';
import { createYielder } from '../../../../../process/yield-to-loop.ts';
import { plural } from '../../../../../protocol/plural.ts';
import type { Finding } from '../../../../../protocol/validation/validation.ts';
import { type Check, type CheckCache, type CheckContext, fail, pass, skip } from '../../../check/check.ts';
import { findingsOf, type TextError } from '../../../check/findings.ts';
import { type ConfigFormat, formats, isTemplate } from './config-formats.ts';

/** Maximum length of a parsed text. Longer files hold data rather than configuration, and are slow to parse. */
const maxTextLength = 200_000;
const cacheKey = 'WS_CONFIG_PARSE errors';

interface ConfigScan {
  readonly fileCount: number;
  /** Number of files that do not parse because they are templates. */
  readonly templateCount: number;
  readonly findings: readonly Finding[];
}

/** Errors of each text, cached by hash because parsing YAML is slow and few files change between two runs. */
class CachedErrors {
  readonly #cache: CheckCache;
  readonly #previous: Readonly<Record<string, TextError | null>>;
  readonly #current: Record<string, TextError | null> = {};

  constructor(cache: CheckCache) {
    this.#cache = cache;
    this.#previous = cache.get(cacheKey) ?? {};
  }

  async find(text: string, format: ConfigFormat): Promise<TextError | undefined> {
    const hash = createHash('sha256').update(`${format.title}\n${text}`).digest('base64url').slice(0, 22);
    const previous = this.#previous[hash];
    const error = previous === undefined ? ((await format.findError(text)) ?? null) : previous;
    this.#current[hash] = error;
    return error ?? undefined;
  }

  save(): void {
    this.#cache.set(cacheKey, this.#current);
  }
}

async function scanConfigs({ repository, cache, signal }: CheckContext): Promise<ConfigScan> {
  const files = await repository.files();
  const fileSet = new Set(files);
  const errors = new CachedErrors(cache);
  const findings: Finding[] = [];
  let [fileCount, templateCount] = [0, 0];
  const yieldIfDue = createYielder();
  for (const file of files) {
    await yieldIfDue();
    const format = formats.find(({ pattern }) => pattern.test(file));
    if (!format || repository.isTest(file) || repository.isForeign(file)) continue;
    const text = await repository.text(file);
    if (text === undefined || text.length > maxTextLength) continue;
    signal.throwIfAborted();
    fileCount++;
    const error = await errors.find(text, format);
    if (!error) continue;
    if (isTemplate(file, text, fileSet)) templateCount++;
    else findings.push({ file, ...error });
  }
  errors.save();
  return { fileCount, templateCount, findings };
}

export const configParse: Check = {
  id: 'WS_CONFIG_PARSE',
  category: 'workspace',
  severity: 'warning',
  minProfile: 'ci',
  title: 'JSON, YAML and TOML files parse',
  timeoutMs: 4000,
  lane: 'cheap',
  run: async (context) => {
    const { fileCount, templateCount, findings } = await scanConfigs(context);
    if (fileCount === 0) return skip('not_applicable', 'The workspace has no JSON, YAML or TOML files.');
    const skipped = templateCount > 0 ? ` (${plural(templateCount, 'template')} skipped)` : '';
    if (findings.length === 0) {
      const count = plural(fileCount - templateCount, 'configuration file parses', 'configuration files parse');
      return pass(`${count}${skipped}.`);
    }
    const verb = findings.length === 1 ? 'does' : 'do';
    return fail(`${findings.length} of ${plural(fileCount, 'configuration file')} ${verb} not parse${skipped}.`, {
      findings: findingsOf(findings, (finding) => finding),
      remediation: [
        {
          priority: 'medium',
          title: 'Fix syntax errors in configuration files',
          steps: ['Correct each reported line. Programs that read the file would fail or fall back to defaults.'],
        },
      ],
    });
  },
};
