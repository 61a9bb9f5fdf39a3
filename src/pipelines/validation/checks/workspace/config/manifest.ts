/** Checks that package manifests are valid: they parse and have the fields that their package manager requires. */
import { parse as parseToml } from 'smol-toml';
import { plural } from '../../../../../protocol/plural.ts';
import { type Check, fail, pass, skip } from '../../../check/check.ts';
import { findingsOf, type TextError } from '../../../check/findings.ts';
import { field, texts } from '../../../repository/manifest-formats.ts';
import { findJsonError } from './find-json-error.ts';
import { findTomlError } from './find-toml-error.ts';

/** Returns the first error in the text of a manifest. */
type ManifestValidator = (text: string) => TextError | undefined;

const isTable = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

const dependencyFields = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];

/** Validates a package.json, which npm reads as strict JSON. */
function validatePackageJson(text: string): TextError | undefined {
  const syntaxError = findJsonError(text);
  if (syntaxError) return syntaxError;
  const content: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
  if (!isTable(content)) return { message: 'The content is not a JSON object.' };
  const name = field(content, 'name');
  if (name !== undefined && typeof name !== 'string') return { message: '“name” is not a string.' };
  for (const key of dependencyFields) {
    const entries = field(content, key);
    if (entries === undefined) continue;
    if (!isTable(entries)) return { message: `“${key}” is not an object.` };
    const invalid = Object.entries(entries as object).find(([, version]) => typeof version !== 'string')?.[0];
    if (invalid !== undefined) return { message: `The version of ${invalid} in “${key}” is not a string.` };
  }
  return undefined;
}

/** Validates the [project] table, which needs a name and either a version or “version” in its dynamic fields. */
function validatePyproject(text: string): TextError | undefined {
  const content = readToml(text);
  if ('error' in content) return content.error;
  const project = field(content.value, 'project');
  if (project === undefined) return undefined;
  if (typeof field(project, 'name') !== 'string') return { message: '[project] has no “name”.' };
  const isDynamic = texts(field(project, 'dynamic')).includes('version');
  if (typeof field(project, 'version') === 'string' || isDynamic) return undefined;
  return { message: '[project] has no “version”, and “dynamic” does not list it.' };
}

function validateCargo(text: string): TextError | undefined {
  const content = readToml(text);
  if ('error' in content) return content.error;
  const name = field(field(content.value, 'package') ?? field(content.value, 'project'), 'name');
  if (typeof name === 'string' || isTable(field(content.value, 'workspace'))) return undefined;
  return { message: 'The manifest has neither a [package] with a name nor a [workspace].' };
}

function validateGoMod(text: string): TextError | undefined {
  const plain = text.replace(/\/\/.*$/gm, '');
  return /^\s*module\s+\S|^\s*module\s*\(\s*\S/m.test(plain)
    ? undefined
    : { message: 'The manifest has no “module” line.' };
}

function readToml(text: string): { readonly value: unknown } | { readonly error: TextError } {
  const error = findTomlError(text);
  return error ? { error } : { value: parseToml(text.replace(/^\uFEFF/, '')) };
}

/** Validators by file name. Other manifests (setup.py, requirements.txt) are programs or free text. */
const validators: Readonly<Record<string, ManifestValidator>> = {
  'package.json': validatePackageJson,
  'pyproject.toml': validatePyproject,
  'Cargo.toml': validateCargo,
  'go.mod': validateGoMod,
};

export const manifest: Check = {
  id: 'WS_MANIFEST',
  category: 'workspace',
  severity: 'fatal',
  minProfile: 'dev',
  title: 'Package manifests are valid',
  timeoutMs: 1000,
  lane: 'cheap',
  run: async ({ repository }) => {
    const files = (await repository.stacks())
      .map((stack) => stack.manifest)
      .filter((file) => validators[baseName(file)] !== undefined);
    if (files.length === 0)
      return skip('not_applicable', 'The workspace has no package.json, pyproject.toml, Cargo.toml or go.mod.');
    const results = await Promise.all(
      files.map(async (file) => {
        const text = await repository.text(file);
        const error =
          text === undefined ? { message: 'The file is not readable as text.' } : validators[baseName(file)]?.(text);
        return error ? { file, ...error } : undefined;
      }),
    );
    const findings = results.filter((result) => result !== undefined);
    if (findings.length === 0) return pass(`${plural(files.length, 'manifest is', 'manifests are')} valid.`);
    const [first] = findings;
    const verb = findings.length === 1 ? 'is' : 'are';
    return fail(
      `${findings.length} of ${plural(files.length, 'manifest')} ${verb} invalid: ${first?.file}. ${first?.message}`,
      {
        findings: findingsOf(findings, (finding) => finding),
        remediation: [
          {
            priority: 'critical',
            title: 'Fix the manifests',
            steps: ['Correct each reported error.', 'Run the package manager again to confirm that it accepts them.'],
          },
        ],
      },
    );
  },
};

const baseName = (file: string): string => file.slice(file.lastIndexOf('/') + 1);
