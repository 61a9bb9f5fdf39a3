/** The profiles offered by the editor are those of the pipeline. */
import { strict as assert } from 'node:assert';
import { builtInProfiles, profileChoices } from '../../../src/editor/validation/profile-choices.ts';
import { profileRows } from '../../../src/pipelines/validation/plan/profiles.ts';

describe('profile choices', () => {
  it('match the profiles of the pipeline and their limits', () => {
    assert.deepEqual(
      builtInProfiles.map(({ id, budgetMs, minScore }) => ({ id, budgetMs, minScore })),
      profileRows.map(({ id, budgetMs, minScore }) => ({ id, budgetMs, minScore })),
    );
  });

  it('describe the requirements of each profile', () => {
    assert.deepEqual(
      profileChoices(undefined).map(({ id, description }) => [id, description]),
      [
        ['dev', '25 checks · within 5 s · ready from 70 of 100'],
        ['ci', '40 checks · within 8 s · ready from 80 of 100'],
        ['enterprise', '52 checks · within 10 s · ready from 90 of 100'],
      ],
    );
  });

  it('start with the last used profile, even if it is a custom one', () => {
    const config = { profiles: { release: { extends: 'ci', minScore: 95, budgetMs: 2500 }, ci: { minScore: 85 } } };
    const choices = profileChoices(config, 'release');
    assert.deepEqual(
      choices.map(({ id }) => id),
      ['release', 'dev', 'ci', 'enterprise'],
    );
    assert.equal(choices[0]?.description, 'extends ci · within 2.50 s · ready from 95 of 100');
  });
});
