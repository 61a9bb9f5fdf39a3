/** What people choose by is what the pipeline does. */
import { strict as assert } from 'node:assert';
import { builtInProfiles, profileChoices } from '../../../src/editor/validation/profile-choices.ts';
import { profileRows } from '../../../src/pipelines/validation/plan/profiles.ts';

describe('the profiles to choose from', () => {
  it('are those of the pipeline, with their limits', () => {
    assert.deepEqual(
      builtInProfiles.map(({ id, budgetMs, minScore }) => ({ id, budgetMs, minScore })),
      profileRows.map(({ id, budgetMs, minScore }) => ({ id, budgetMs, minScore })),
    );
  });

  it('say what each asks for', () => {
    assert.deepEqual(
      profileChoices(undefined).map(({ id, description }) => [id, description]),
      [
        ['dev', '25 checks · within 5 s · ready from 70 of 100'],
        ['ci', '40 checks · within 8 s · ready from 80 of 100'],
        ['enterprise', '52 checks · within 10 s · ready from 90 of 100'],
      ],
    );
  });

  it('begin with the one that was taken last, also one of the workspace', () => {
    const own = { profiles: { release: { extends: 'ci', minScore: 95, budgetMs: 2500 }, ci: { minScore: 85 } } };
    const choices = profileChoices(own, 'release');
    assert.deepEqual(
      choices.map(({ id }) => id),
      ['release', 'dev', 'ci', 'enterprise'],
    );
    assert.equal(choices[0]?.description, 'as ci · within 2.50 s · ready from 95 of 100');
  });
});
