import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { LockEntry } from '../../../../src/pipelines/validation/locks/lock.ts';
import { lockFormats, readLocks } from '../../../../src/pipelines/validation/locks/locks.ts';
import { parsePipRequirements } from '../../../../src/pipelines/validation/locks/pip-requirements.ts';
import { parseGoMod } from '../../../../src/pipelines/validation/locks/read-go.ts';
import { readNpm } from '../../../../src/pipelines/validation/locks/read-npm.ts';
import { parseYamlLines } from '../../../../src/pipelines/validation/locks/yaml-lines.ts';
import { plant } from '../planted-repository.ts';
import { samples } from './samples.ts';

/** Returns the properties that the sample expects, and always `integrity`. */
function relevantPart(entry: LockEntry, expected: Partial<LockEntry>): Partial<LockEntry> {
  const keys = new Set([...Object.keys(expected), ...(entry.integrity ? ['integrity'] : [])]);
  return Object.fromEntries(Object.entries(entry).filter(([key]) => keys.has(key)));
}

describe('readLocks', () => {
  it('has a sample for every text format', () => {
    const untested = lockFormats.filter(({ read, name }) => read && !samples.some(({ file }) => name.test(file)));
    assert.deepEqual(
      untested.map(({ manager }) => manager),
      ['pdm', 'pip'],
      'they are read like uv.lock',
    );
  });

  for (const { what, file, text, version, entries, requirements } of samples) {
    it(`reads ${what}`, async () => {
      const planted = await plant({ [`deep/${file}`]: text, 'deep/readme.txt': 'not a lock' }, { git: true });
      try {
        const [lock, ...others] = await readLocks(planted.context.repository);
        assert.ok(lock);
        assert.equal(others.length, 0);
        assert.deepEqual([lock.file, lock.folder, lock.problem], [`deep/${file}`, 'deep', undefined]);
        assert.equal(lock.version, version);
        assert.equal(lock.entries.length, entries.length);
        assert.deepEqual(
          lock.entries.map((entry, index) => relevantPart(entry, entries[index] ?? {})),
          entries,
        );
        const actual = [...(lock.requirements ?? [])].map(([folder, ranges]) => [folder, Object.fromEntries(ranges)]);
        if (requirements) assert.deepEqual(Object.fromEntries(actual), requirements);
        // The first three lines of each entry contain the name of the package.
        for (const { name, line } of lock.entries) {
          const near = text.split('\n').slice(line - 1, line + 2);
          assert.ok(near.join('\n').includes(name), `${name} is not on line ${line}`);
        }
      } finally {
        planted.dispose();
      }
    });
  }

  const broken: readonly [file: string, text: string][] = [
    ['package-lock.json', '{"packages": {'],
    ['bun.lock', '[]'],
    ['bun.lockb', 'binary'],
    ['uv.lock', '[[package]]\nname = '],
    ['Pipfile.lock', 'nothing'],
    ['go.sum', 'example.org/left h1:abc'],
  ];
  for (const [file, text] of broken) {
    it(`reports why ${file} cannot be read`, async () => {
      const planted = await plant({ [file]: text });
      try {
        const [lock] = await readLocks(planted.context.repository);
        assert.ok(lock?.problem && !lock.problem?.text.includes('\n'));
        assert.deepEqual(lock.entries, []);
      } finally {
        planted.dispose();
      }
    });
  }

  it('ignores requirements without hashes and test data', async () => {
    const planted = await plant({
      'requirements.txt': 'left==1.0\n',
      'test/fixtures/app/go.sum': 'x v1.0.0 h1:abc\n',
    });
    try {
      assert.deepEqual(await readLocks(planted.context.repository), []);
      assert.equal((await planted.context.repository.files()).length, 2);
    } finally {
      planted.dispose();
    }
  });

  it('reads every package in the lock file of this project', async () => {
    const text = readFileSync(join(import.meta.dirname, '../../../../package-lock.json'), 'utf8');
    const { entries } = await readNpm(text);
    const packages = Object.keys((JSON.parse(text) as { packages: object }).packages).filter((path) => path !== '');
    assert.deepEqual(
      entries.map(({ path }) => path),
      packages,
    );
    const lines = text.split('\n');
    assert.ok(packages.length > 100);
    for (const { path, line } of entries) assert.ok(lines[line - 1]?.includes(`"${path}": {`), path);
  });
});

describe('parseYamlLines', () => {
  it('finds the same keys as a YAML parser', () => {
    const text = samples.find(({ what }) => what === 'pnpm 9')?.text ?? '';
    const expected = parse(text) as { packages: Record<string, unknown>; importers: Record<string, unknown> };
    const keys = (section: string): string[] => {
      const lines = [...parseYamlLines(text)];
      const start = lines.findIndex(({ indent, key }) => indent === 0 && key === section);
      const end = lines.findIndex(({ indent }, index) => index > start && indent === 0);
      return lines.slice(start, end).flatMap(({ indent, key }) => (indent === 2 ? [key] : []));
    };
    assert.deepEqual(keys('packages'), Object.keys(expected.packages));
    assert.deepEqual(keys('importers'), Object.keys(expected.importers));
    assert.equal(keys('packages').length, 3);
  });
});

describe('parsePipRequirements', () => {
  const rows: readonly [text: string, name: string, specifier: string, address: string | undefined][] = [
    ['flask', 'flask', '', undefined],
    ['flask==2.0  # why', 'flask', '==2.0', undefined],
    ['flask[async]>=2,<3; python_version < "3.9"', 'flask', '>=2,<3', undefined],
    ['-e git+https://github.com/o/tool@main#egg=tool', 'tool', '', 'git+https://github.com/o/tool@main#egg=tool'],
    ['./local/pkg', 'pkg', '', './local/pkg'],
    ['tool @ https://example.org/tool.zip', 'tool', '', 'https://example.org/tool.zip'],
  ];
  for (const [text, name, specifier, address] of rows) {
    it(`parses ${text}`, () => {
      const [requirement, ...others] = parsePipRequirements(`# head\n\n${text}\n-r other.txt\n--no-binary :all:\n`);
      assert.equal(others.length, 0);
      assert.deepEqual(
        [requirement?.name, requirement?.specifier, requirement?.address, requirement?.line],
        [name, specifier, address, 3],
      );
    });
  }
});

describe('parseGoMod', () => {
  it('returns required and replaced modules', () => {
    const mod = parseGoMod(
      [
        'module example.org/m // comment',
        'go 1.22',
        'require (',
        '\texample.org/a v1.0.0',
        '\texample.org/b v2.0.0+incompatible // indirect',
        ')',
        'require example.org/c v0.1.0',
        'replace example.org/a => ../a',
        'replace example.org/b v2.0.0 => example.org/fork v2.0.1',
      ].join('\n'),
    );
    assert.deepEqual([mod.module, mod.go], ['example.org/m', '1.22']);
    assert.deepEqual(mod.requires, [
      { name: 'example.org/a', version: 'v1.0.0', indirect: false, line: 4 },
      { name: 'example.org/b', version: 'v2.0.0+incompatible', indirect: true, line: 5 },
      { name: 'example.org/c', version: 'v0.1.0', indirect: false, line: 7 },
    ]);
    assert.deepEqual(mod.replaces, [
      { name: 'example.org/a', target: '../a', line: 8 },
      { name: 'example.org/b', target: 'example.org/fork', version: 'v2.0.1', line: 9 },
    ]);
  });
});
