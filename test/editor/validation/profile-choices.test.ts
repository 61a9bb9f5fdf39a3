/** The profiles offered by the editor are those of the pipeline. */
import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtInProfiles, profileChoices } from '../../../src/editor/validation/profile-choices.ts';
import { checks } from '../../../src/pipelines/validation/checks/checks.ts';
import { builtInProfiles as pipelineProfiles } from '../../../src/pipelines/validation/plan/profiles.ts';

describe('profile choices', () => {
  const ofPipeline = pipelineProfiles(checks).map((profile) => ({ ...profile, checks: profile.checks.length }));

  it('match the profiles of the pipeline, their limits and their numbers of checks', () => {
    assert.deepEqual(
      builtInProfiles.map(({ id, checks: count, budgetMs, minScore }) => ({ id, checks: count, budgetMs, minScore })),
      ofPipeline.map(({ id, checks: count, budgetMs, minScore }) => ({ id, checks: count, budgetMs, minScore })),
    );
  });

  it('are documented in the README with the numbers of the pipeline', () => {
    const readme = readFileSync(join(import.meta.dirname, '../../../README.md'), 'utf8');
    const rows = [...readme.matchAll(/^\| `(\w+)` \| (\d+) \| (\d+) \| (\d+) \| (\d+) s \|$/gm)];
    assert.deepEqual(
      rows.map(([, id, ...numbers]) => [id, ...numbers.map(Number)]),
      ofPipeline.map(({ id, checks: count, minScore, maxWarnings, budgetMs }) => [
        ...[id, count, minScore, maxWarnings, budgetMs / 1000],
      ]),
    );
    assert.match(readme, new RegExp(`up to ${checks.length} checks in eight categories`));
    assert.equal(new Set(checks.map(({ category }) => category)).size, 8);
  });

  it('describe the requirements of each profile', () => {
    assert.deepEqual(
      profileChoices(undefined).map(({ id, description }) => [id, description]),
      [
        ['dev', '28 checks · within 5 s · ready from 70 of 100'],
        ['ci', '45 checks · within 8 s · ready from 80 of 100'],
        ['enterprise', '61 checks · within 10 s · ready from 90 of 100'],
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
