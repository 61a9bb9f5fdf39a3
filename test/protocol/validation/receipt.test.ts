import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { createReceipt } from '../../../src/pipelines/validation/bundle/receipt.ts';
import {
  isManifest,
  isReceipt,
  isVerification,
  type Manifest,
  manifestSchema,
  type Verification,
} from '../../../src/protocol/validation/receipt.ts';
import { createSample, mixed } from '../../pipelines/validation/sample-validation.ts';

const receipt = createReceipt(createSample(mixed), 'a'.repeat(64));
const manifest: Manifest = {
  schema: manifestSchema,
  files: [{ path: 'report.md', bytes: 3, sha256: 'b'.repeat(64), type: 'report' }],
};
const verification: Verification = { ok: false, folder: '/a', faults: ['x'.repeat(5000)], files: 8, checks: 5 };
const [check, file] = [receipt.checks[0], manifest.files[0]];

const guards: readonly [name: string, guard: (value: unknown) => boolean, valid: object, changes: readonly object[]][] =
  [
    [
      'isReceipt',
      isReceipt,
      receipt,
      [
        { schema: 'pipescope-receipt/2' },
        { verdict: 1 },
        { score: Number.POSITIVE_INFINITY },
        { score: -1 },
        { checks: {} },
        { checks: [{ ...check, chain: undefined }] },
        { checks: [{ ...check, hash: 3 }] },
        { manifestHash: undefined },
        { hash: null },
      ],
    ],
    [
      'isManifest',
      isManifest,
      manifest,
      [
        { schema: undefined },
        { files: 'report.md' },
        { files: [{ ...file, bytes: -1 }] },
        { files: [{ ...file, bytes: 1.5 }] },
        { files: [{ ...file, path: 1 }] },
        { files: [{ ...file, sha256: undefined }] },
      ],
    ],
    [
      'isVerification',
      isVerification,
      verification,
      [{ ok: 1 }, { folder: undefined }, { faults: [1] }, { files: '8' }, { checks: -1 }, { hash: 1 }, { score: 'x' }],
    ],
  ];

for (const [name, guard, valid, changes] of guards) {
  describe(name, () => {
    it('accepts a value after a JSON round trip', () => assert.equal(guard(JSON.parse(JSON.stringify(valid))), true));

    for (const change of changes) {
      it(`rejects ${JSON.stringify(change).slice(0, 60)}`, () => {
        assert.equal(guard({ ...valid, ...change }), false);
      });
    }

    it('rejects arbitrary values and never throws', () => {
      fc.assert(fc.property(fc.anything(), (value) => assert.equal(guard(value), false)));
    });
  });
}
