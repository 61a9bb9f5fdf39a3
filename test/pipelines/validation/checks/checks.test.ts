/** Tests that hold for every built-in check. */
import { strict as assert } from 'node:assert';
import { globSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { categories } from '../../../../src/pipelines/validation/check/categories.ts';
import type { Check } from '../../../../src/pipelines/validation/check/check.ts';
import { checks } from '../../../../src/pipelines/validation/checks/checks.ts';
import { findCycle } from '../../../../src/pipelines/validation/plan/find-cycle.ts';
import { builtInProfiles, profileRows } from '../../../../src/pipelines/validation/plan/profiles.ts';
import { type PlantedRepository, plant } from '../planted-repository.ts';

const checksFolder = resolve(import.meta.dirname, '../../../../src/pipelines/validation/checks');

/** Checks whose file name includes the category, because base names are unique and `config.ts` exists elsewhere. */
const fileNames: Readonly<Record<string, string>> = {
  TST_CONFIG: 'test-config.ts',
  GEN_CONFIG: 'generation-config.ts',
};

/** Returns the name of the file that a check must be in: its id without the category, in kebab-case. */
const fileNameOf = (id: string): string =>
  fileNames[id] ??
  `${id
    .slice(id.indexOf('_') + 1)
    .toLowerCase()
    .replaceAll('_', '-')}.ts`;

const countBy = (key: (check: Check) => string): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(checks, key)].map(([name, rows]) => [name, rows.length]));

describe('the built-in checks', () => {
  it('are 28, 45 and 61 in the profiles, of which 13, 16 and 18 are fatal and required', () => {
    const profiles = builtInProfiles(checks);
    assert.deepEqual(
      profiles.map((profile) => profile.checks.length),
      [28, 45, 61],
    );
    for (const profile of profiles) {
      const fatal = profile.checks.filter(({ severity }) => severity === 'fatal').map(({ id }) => id);
      assert.deepEqual(fatal.sort(), [...profile.required].sort(), profile.id);
    }
    assert.equal(profileRows.length, profiles.length);
  });

  it('have the documented numbers per severity and category', () => {
    assert.deepEqual(
      countBy(({ severity }) => severity),
      { fatal: 18, warning: 33, info: 10 },
    );
    const byCategory = {
      ...{ workspace: 14, intent: 2, tools: 3, build: 10, tests: 9, generation: 6, safety: 13, deployment: 4 },
    };
    assert.deepEqual(
      countBy(({ category }) => category),
      byCategory,
    );
  });

  it('are in each of the eight categories, and in those with a weight from the smallest profile on', () => {
    assert.deepEqual(
      [...new Set(checks.map(({ category }) => category))].sort(),
      categories.map(({ id }) => id).sort(),
    );
    const [smallest] = builtInProfiles(checks);
    const weighted = categories.filter(({ weight }) => weight > 0).map(({ id }) => id);
    for (const id of weighted)
      assert.ok(
        smallest?.checks.some(({ category }) => category === id),
        id,
      );
  });

  it('have unique ids and acyclic dependencies on existing checks', () => {
    const ids = checks.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    for (const { dependsOn = [] } of checks) for (const id of dependsOn) assert.ok(ids.includes(id), id);
    assert.equal(findCycle(checks), undefined);
  });

  it('have one file each, named after the id of the check', () => {
    const files = new Map(globSync('**/*.ts', { cwd: checksFolder }).map((file) => [basename(file), file]));
    const misplaced = checks.filter(({ id }) => {
      const file = files.get(fileNameOf(id));
      return file === undefined || !readFileSync(join(checksFolder, file), 'utf8').includes(`id: '${id}',`);
    });
    assert.deepEqual(
      misplaced.map(({ id }) => id),
      [],
    );
  });

  describe('in an empty folder without Git', () => {
    let planted: PlantedRepository;
    before(async () => {
      planted = await plant({});
    });
    after(() => planted.dispose());

    for (const check of checks) {
      it(`${check.id} does not fail and explains its result in a sentence`, async () => {
        assert.ok(
          categories.some(({ id }) => id === check.category),
          check.category,
        );
        assert.match(check.title, /^[A-Z]/);
        assert.ok(check.timeoutMs >= 1000);
        const { status, skipReason, message } = await check.run(planted.context);
        assert.notEqual(status, 'fail', message);
        assert.match(message, /^\S.*\.$/s);
        assert.equal(skipReason === undefined, status !== 'skip');
      });
    }
  });
});
