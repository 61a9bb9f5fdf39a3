import { startPythonStacks } from '../run/python-stacks/start-python-stacks.ts';
import type { Attach } from './attachment.ts';

/** Reads the stacks of a running Python program from outside. The program does not notice it. */
export const attachToPython: Attach = async ({ pid }, { dist, probeConfig, onMessage }) => {
  const { workspace, projectRoot, samplingNs, hasFixedInterval } = probeConfig;
  const stacks = await startPythonStacks({
    pid,
    dist,
    workspace,
    projectRoot,
    samplingNs: hasFixedInterval ? samplingNs : undefined,
    onBatch: onMessage,
  });
  return {
    configure: (config) => stacks.setSampling(config.hasFixedInterval ? config.samplingNs : undefined),
    detach: () => stacks.stop(),
  };
};
