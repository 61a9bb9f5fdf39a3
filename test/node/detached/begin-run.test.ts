import { strict as assert } from 'node:assert';
import { parse } from 'valibot';
import { defaultProbeConfig, probeConfigOf } from '../../../src/node/detached/begin-run.ts';
import { launchSchema, toSerializableLaunch } from '../../../src/node/detached/serializable-launch.ts';
import { buildCommandLaunch } from '../../../src/node/run/launch-spec.ts';

describe('probeConfigOf', () => {
  const launch = buildCommandLaunch(['node', 'x.js'], { workspace: '/w', stdio: 'pipe' });

  it('returns the defaults, with the workspace of the launch', () => {
    assert.deepEqual(probeConfigOf(launch), { ...defaultProbeConfig, workspace: '/w', projectRoot: '/w' });
  });

  it('gives precedence to the budget and the functions of the caller', () => {
    const exact = [{ file: '/w/x.js', name: 'f' }];
    const config = probeConfigOf(launch, { budgetRatio: 0.05, exact });
    assert.deepEqual(
      [config.budgetRatio, config.exact, config.samplingNs],
      [0.05, exact, defaultProbeConfig.samplingNs],
    );
  });

  it('asks for fine sampling if the launch does, also after the window was reloaded', () => {
    assert.equal(probeConfigOf(launch).hasFineSampling, undefined);
    const resumed = parse(
      launchSchema,
      JSON.parse(JSON.stringify(toSerializableLaunch({ ...launch, sampling: 'fine' }))),
    );
    assert.equal(resumed.sampling, 'fine');
    assert.equal(probeConfigOf({ ...launch, ...resumed, start: launch.start }).hasFineSampling, true);
  });
});
