import { strict as assert } from 'node:assert';
import { isKeeperRequest, type KeeperRequest } from '../../../src/node/detached/keeper-request.ts';

const request: KeeperRequest = {
  launch: {
    pipeline: { id: 'x', title: 'x', description: 'x', components: ['c'], throughput: [] },
    workspace: '/w',
    start: { kind: 'command', command: 'node', args: ['x.js'], stdio: 'pipe' },
  },
  runId: '0-1',
  dist: '/d',
  probeConfig: { samplingNs: 1e6, exact: [{ file: '/w/x.js', name: 'f' }], budgetRatio: 0.01, workspace: '/w' },
  span: { traceId: 'a', spanId: 'b', traceFlags: 1 },
  environment: { PATH: '/bin' },
  reconnectTimeoutMs: 30_000,
};

describe('isKeeperRequest', () => {
  it('accepts a complete request', () => {
    assert.ok(isKeeperRequest(request));
  });

  it('rejects a request in which a property is missing or has the wrong type', () => {
    for (const key of Object.keys(request)) assert.equal(isKeeperRequest({ ...request, [key]: undefined }), false, key);
    assert.equal(isKeeperRequest({ ...request, environment: { PATH: 1 } }), false);
  });
});
