/** Walks every row of the table of checks. */
import { strict as assert } from 'node:assert';
import { categories } from '../../../../src/pipelines/validation/check/categories.ts';
import type { Check } from '../../../../src/pipelines/validation/check/check.ts';
import { checks } from '../../../../src/pipelines/validation/checks/checks.ts';
import { cycleIn } from '../../../../src/pipelines/validation/plan/find-cycle.ts';
import { profileRows, profilesOf } from '../../../../src/pipelines/validation/plan/profiles.ts';
import { type Plant, plant } from '../planted-repository.ts';

const countBy = (key: (check: Check) => string): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(checks, key)].map(([name, rows]) => [name, rows.length]));

describe('the table of checks', () => {
  it('has 25, 40 and 52 checks in the profiles, of which 13, 16 and 18 are fatal and required', () => {
    const profiles = profilesOf(checks);
    assert.deepEqual(
      profiles.map((profile) => profile.checks.length),
      [25, 40, 52],
    );
    for (const profile of profiles) {
      const fatal = profile.checks.filter(({ severity }) => severity === 'fatal').map(({ id }) => id);
      assert.deepEqual(fatal.sort(), [...profile.required].sort(), profile.id);
    }
    assert.equal(profileRows.length, profiles.length);
  });

  it('has so many of each severity and category', () => {
    assert.deepEqual(
      countBy(({ severity }) => severity),
      { fatal: 18, warning: 26, info: 8 },
    );
    const byCategory = { workspace: 14, build: 10, tests: 9, safety: 13, generation: 6 };
    assert.deepEqual(
      countBy(({ category }) => category),
      byCategory,
    );
  });

  it('names each check once, and needs none that is not there', () => {
    const ids = checks.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    for (const { dependsOn = [] } of checks) for (const id of dependsOn) assert.ok(ids.includes(id), id);
    assert.equal(cycleIn(checks), undefined);
  });

  describe('on a folder with nothing in it, and no git', () => {
    let planted: Plant;
    before(async () => {
      planted = await plant({});
    });
    after(() => planted.dispose());

    for (const check of checks) {
      it(`${check.id} finds no fault and says why in a sentence`, async () => {
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
