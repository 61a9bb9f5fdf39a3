/** Checks that neither a program nor a tool that looks at its functions sees the probe. */
import { strict as assert } from 'node:assert';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findInterpreters, minorOf } from './interpreters.ts';
import { type Look, looks, work } from './looks.ts';
import { type PythonResult, runPlain, runProfiled } from './profiled-python.ts';

const debianPython = '/usr/bin/python3';
const environment = { PYTHONDONTWRITEBYTECODE: '1', COVERAGE_FILE: 'coverage', COLUMNS: '120' };

/** Removes what differs between any two runs: measured times. */
function withoutTimes(text: string): string {
  return text.replace(/\bin \d+\.\d\ds\b/g, 'in n s').replace(/ at 0x[0-9a-f]+/g, ' at 0x');
}

async function runIn(
  folder: string,
  look: Look,
  python: string,
  run: (args: readonly string[]) => Promise<PythonResult>,
): Promise<string> {
  mkdirSync(folder);
  writeFileSync(join(folder, 'work.py'), work);
  writeFileSync(join(folder, 'main.py'), look.main);
  writeFileSync(join(folder, 'settings'), '[run]\nbranch = True\n');
  for (const [path, text] of Object.entries(look.files ?? {})) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const results = [await run(look.args ?? ['main.py'])];
  for (const args of look.after ?? []) results.push(await runPlain(python, args, { cwd: folder, env: environment }));
  return results
    .map(({ stdout, stderr, code, signal }) => withoutTimes(`${stdout}\n${stderr}\n${code} ${signal}`))
    .join('\n--\n')
    .replaceAll(folder, 'folder')
    .replaceAll(folder.slice(1).replaceAll('/', '.'), 'folder');
}

async function assertUnseen(python: string, look: Look): Promise<void> {
  const parent = realpathSync(mkdtempSync(join(tmpdir(), 'look-')));
  // Names of one length, because marshalled code contains them.
  const [plainFolder, profiledFolder] = [join(parent, 'plain'), join(parent, 'probe')];
  const input = look.input ?? '';
  const env = { ...environment, ...look.env };
  const notices: string[] = [];
  let counted = 0;
  try {
    const [plain, profiled] = await Promise.all([
      runIn(plainFolder, look, python, (args) => runPlain(python, args, { cwd: plainFolder, input, env })),
      runIn(profiledFolder, look, python, async (args) => {
        const { received, ...result } = await runProfiled(python, args, {
          cwd: profiledFolder,
          input,
          env,
        });
        assert.deepEqual(received.errors, []);
        notices.push(...received.batches.flatMap((batch) => batch.notices ?? []));
        if (look.counted) counted = received.totalOf(look.counted).count;
        return result;
      }),
    ]);
    assert.equal(profiled, plain);
    assert.ok(plain.length > 10 && !plain.includes('SyntaxError'), plain);
    if (look.notice)
      assert.ok(
        notices.some((text) => look.notice?.test(text)),
        `notices: ${notices.join(' ')}`,
      );
    if (look.counted) assert.ok(counted > 0, `${look.counted} is not counted`);
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
}

describe('The Python probe', () => {
  for (const { path, version } of findInterpreters()) {
    const minor = minorOf(version);
    const visible = looks.filter(
      ({ minMinorVersion = 0, maxMinorVersion = 99, isDebian }) =>
        !isDebian && minor >= minMinorVersion && minor <= maxMinorVersion,
    );
    for (const look of visible) {
      it(`shows nothing to ${look.what} in Python ${version}`, () => assertUnseen(path, look));
    }
  }

  for (const look of looks.filter(({ isDebian }) => isDebian)) {
    it(`shows nothing to ${look.what}`, () => assertUnseen(debianPython, look));
  }
});
