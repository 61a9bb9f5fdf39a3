/** Whether the manifests can be read, and say what their package manager asks for. */
import { parse as parseToml } from 'smol-toml';
import { type Check, fault, pass, skip } from '../../../check/check.ts';
import { counted, type Fault, findingsOf } from '../../../check/findings.ts';
import { field, texts } from '../../../repository/manifest-formats.ts';
import { jsonFault } from './json-fault.ts';
import { tomlFault } from './toml-fault.ts';

/** What is wrong with a manifest of this text; the first of it. */
type Reading = (text: string) => Fault | undefined;

const isTable = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

const dependencyFields = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];

/** npm reads it as strict JSON. */
function readPackage(text: string): Fault | undefined {
  const broken = jsonFault(text);
  if (broken) return broken;
  const content: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
  if (!isTable(content)) return { message: 'It is no JSON object.' };
  const name = field(content, 'name');
  if (name !== undefined && typeof name !== 'string') return { message: 'Its “name” is no text.' };
  for (const key of dependencyFields) {
    const entries = field(content, key);
    if (entries === undefined) continue;
    if (!isTable(entries)) return { message: `Its “${key}” is no object.` };
    const wrong = Object.entries(entries as object).find(([, version]) => typeof version !== 'string')?.[0];
    if (wrong !== undefined) return { message: `Its “${key}” has no version in text for ${wrong}.` };
  }
  return undefined;
}

/** The specification of pyproject.toml: a project has a name, and a version or says that it is worked out. */
function readPyproject(text: string): Fault | undefined {
  const content = tomlOf(text);
  if ('fault' in content) return content.fault;
  const project = field(content.value, 'project');
  if (project === undefined) return undefined;
  if (typeof field(project, 'name') !== 'string') return { message: 'Its [project] has no “name”.' };
  const worked = texts(field(project, 'dynamic')).includes('version');
  if (typeof field(project, 'version') === 'string' || worked) return undefined;
  return { message: 'Its [project] has neither a “version” nor “version” among its “dynamic” fields.' };
}

function readCargo(text: string): Fault | undefined {
  const content = tomlOf(text);
  if ('fault' in content) return content.fault;
  const named = field(field(content.value, 'package') ?? field(content.value, 'project'), 'name');
  if (typeof named === 'string' || isTable(field(content.value, 'workspace'))) return undefined;
  return { message: 'It has neither a [package] with a name nor a [workspace].' };
}

function readGo(text: string): Fault | undefined {
  const plain = text.replace(/\/\/.*$/gm, '');
  return /^\s*module\s+\S|^\s*module\s*\(\s*\S/m.test(plain) ? undefined : { message: 'It has no “module” line.' };
}

function tomlOf(text: string): { readonly value: unknown } | { readonly fault: Fault } {
  const fault = tomlFault(text);
  return fault ? { fault } : { value: parseToml(text.replace(/^\uFEFF/, '')) };
}

/** By name; what else a stack may go by (setup.py, requirements.txt) is a program or free text. */
const readings: Readonly<Record<string, Reading>> = {
  'package.json': readPackage,
  'pyproject.toml': readPyproject,
  'Cargo.toml': readCargo,
  'go.mod': readGo,
};

const manifest: Check = {
  id: 'WS_MANIFEST',
  category: 'workspace',
  severity: 'fatal',
  from: 'dev',
  title: 'Manifests can be read',
  timeoutMs: 1000,
  lane: 'cheap',
  run: async ({ repository }) => {
    const named = (await repository.stacks()).map((stack) => stack.manifest);
    const read = named.filter((file) => readings[nameOf(file)] !== undefined);
    if (read.length === 0)
      return skip('not_applicable', 'There is no package.json, pyproject.toml, Cargo.toml or go.mod.');
    const found = await Promise.all(
      read.map(async (file) => {
        const text = await repository.text(file);
        const wrong = text === undefined ? { message: 'It cannot be read as text.' } : readings[nameOf(file)]?.(text);
        return wrong ? { file, ...wrong } : undefined;
      }),
    );
    const bad = found.filter((one) => one !== undefined);
    if (bad.length === 0) return pass(`${counted(read.length, 'manifest')} can be read.`);
    const [first] = bad;
    return fault(
      `${bad.length} of ${counted(read.length, 'manifest')} cannot be used: ${first?.file}. ${first?.message}`,
      {
        findings: findingsOf(bad, (one) => one),
        remediation: [
          {
            priority: 'critical',
            title: 'Mend the manifests',
            steps: [
              'Go to each place that is named and correct it.',
              'Install again, to see that the package manager reads it.',
            ],
          },
        ],
      },
    );
  },
};

const nameOf = (file: string): string => file.slice(file.lastIndexOf('/') + 1);

export const manifestChecks: readonly Check[] = [manifest];
