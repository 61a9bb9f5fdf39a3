/** Type checkers that BLD_TYPECHECK runs. To support another one, add it to `compilers`. */
import { devNull } from 'node:os';
import { join, posix } from 'node:path';
import { parseJson } from '../../../../../protocol/parse-json.ts';
import type { Finding } from '../../../../../protocol/validation/validation.ts';
import { createCargoTool, createGoTool } from './offline-tools.ts';
import { findNamedTargets } from './project/named-targets.ts';
import { createPythonTool } from './python-tool.ts';
import { createReport, runTool, type Tool, type ToolReport, toWorkspacePath, unavailable } from './tool.ts';
import { parseDiagnostics } from './tool-output.ts';
import { tsc } from './tsc.ts';

const mypy = createPythonTool('mypy', ['mypy.ini', '.mypy.ini'], async (context, { folder }, cacheFolder, program) => {
  const { repository } = context;
  const configuration = [
    await repository.text(posix.join(folder, 'mypy.ini')),
    await repository.text(posix.join(folder, '.mypy.ini')),
    await repository.text(posix.join(folder, 'setup.cfg')),
    await repository.text(posix.join(folder, 'pyproject.toml')),
  ].join('\n');
  // Checks what the configuration selects, or else what the project's own commands name, or else the whole folder.
  const isSelected = /^\s*(?:files|packages|modules)\s*=/m.test(configuration);
  const named = isSelected ? [] : await findNamedTargets(repository, 'mypy', folder);
  const targets = isSelected || named.length > 0 ? named : ['.'];
  const args = [
    '--no-color-output',
    '--no-pretty',
    '--show-column-numbers',
    '--cache-dir',
    join(cacheFolder, 'mypy'),
    ...targets,
  ];
  const result = await runTool(context, program, args, { cwd: folder });
  if (!result) return unavailable('mypy', 'mypy is configured but not installed.');
  const findings = parseDiagnostics(result.stdout, { root: repository.root, folder, message: /^error:/ });
  return reportMissingPackage('mypy', findings) ?? createReport('mypy', result, findings);
});

interface PyrightDiagnostic {
  readonly file: string;
  readonly severity: string;
  readonly message: string;
  readonly range?: { readonly start: { readonly line: number } };
}

const pyright = createPythonTool('pyright', ['pyrightconfig.json'], async (context, { folder }, _cache, program) => {
  const { root } = context.repository;
  const result = await runTool(context, program, ['--outputjson'], { cwd: folder });
  if (!result) return unavailable('pyright', 'pyright is configured but not installed.');
  const report = parseJson(result.stdout) as { generalDiagnostics?: readonly PyrightDiagnostic[] } | undefined;
  const errors = report?.generalDiagnostics?.filter(({ severity }) => severity === 'error') ?? [];
  const findings = errors.map(({ file, message, range }) => ({
    file: toWorkspacePath(root, folder, file),
    line: (range?.start.line ?? 0) + 1,
    message: message.replace(/\s*\n\s*/g, ' '),
  }));
  return reportMissingPackage('pyright', findings) ?? createReport('pyright', result, findings);
});

/** Reports the tool as unavailable if an imported package is not installed, because its types are then unknown. */
function reportMissingPackage(tool: string, findings: readonly Finding[]): ToolReport | undefined {
  const missing = findings.find(({ message }) =>
    /\[import-not-found\]|Cannot find implementation or library stub|^Import "[^"]+" could not be resolved/.test(
      message,
    ),
  );
  if (!missing) return undefined;
  const name = /named "([^"]+)"|Import "([^"]+)"/.exec(missing.message);
  return unavailable(
    tool,
    `${tool} cannot check types because it does not find ${name?.[1] ?? name?.[2] ?? 'a package'}, which ${missing.file} imports. Install the dependencies.`,
  );
}

export const compilers: readonly Tool[] = [
  tsc,
  mypy,
  pyright,
  createCargoTool({ command: 'check', message: /^error\b/ }),
  createGoTool('build', ['-o', devNull, './...']),
];
