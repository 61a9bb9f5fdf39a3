import { strict as assert } from 'node:assert';
import { createHash } from 'node:crypto';
import { chainHashes, createReceipt, receiptHash } from '../../../../src/pipelines/validation/bundle/receipt.ts';
import { checkHash } from '../../../../src/pipelines/validation/verdict/check-hash.ts';
import { isReceipt } from '../../../../src/protocol/validation/receipt.ts';
import type { CheckResult } from '../../../../src/protocol/validation/validation.ts';
import { createSample, createSampleResult, mixed } from '../sample-validation.ts';

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');
const manifestHash = sha256('manifest');

describe('createReceipt', () => {
  it('hashes a check as documented', () => {
    const result = createSampleResult({
      id: 'A',
      message: 'é',
      evidence: [{ content: 'one' }, { content: 'two' }],
      findings: [{ file: 'a.ts', line: 2, message: 'm' }],
    });
    const evidence = [sha256('one'), sha256('two')].sort();
    const text = `{"category":"build","evidence":["${evidence.join('","')}"],"findings":[{"file":"a.ts","line":2,"message":"m"}],"id":"A","message":"é","remediation":[],"severity":"warning","status":"pass"}`;
    assert.equal(result.hash, sha256(text));
  });

  const base = createSampleResult(mixed[1] as (typeof mixed)[number]);
  const changes: readonly [string, Partial<CheckResult>, 'different' | 'same'][] = [
    ['id', { id: 'B' }, 'different'],
    ['category', { category: 'tests' }, 'different'],
    ['severity', { severity: 'info' }, 'different'],
    ['status', { status: 'pass' }, 'different'],
    ['skip reason', { skipReason: 'budget' }, 'different'],
    ['message', { message: 'Other.' }, 'different'],
    ['findings', { findings: base.findings.toReversed() }, 'different'],
    ['remediation', { remediation: [] }, 'different'],
    ['evidence', { evidence: base.evidence.slice(1) }, 'different'],
    ['order of the evidence', { evidence: base.evidence.toReversed() }, 'same'],
    ['duration', { durationNs: 7 }, 'same'],
  ];
  for (const [what, change, expected] of changes) {
    it(`gives a check with another ${what} ${expected === 'same' ? 'the same' : 'a different'} hash`, () => {
      assert.equal(checkHash({ ...base, ...change }) === base.hash, expected === 'same');
    });
  }

  it('chains each hash to the previous one', () => {
    const [first, second] = [sha256('1'), sha256('2')];
    const link = sha256('0'.repeat(64) + first);
    assert.deepEqual(chainHashes([first, second]), [link, sha256(link + second)]);
    assert.notDeepEqual(chainHashes([second, first]).at(-1), chainHashes([first, second]).at(-1));
    assert.deepEqual(chainHashes([]), []);
  });

  it('describes what was validated and has a different hash if any part differs', () => {
    const validation = createSample(mixed);
    const origin = { profile: { b: 1, a: [2] }, source: { tree: 'abc' } };
    const receipt = createReceipt(validation, manifestHash, origin);
    assert.ok(isReceipt(receipt));
    assert.equal(receipt.version, '1.0.0');
    assert.deepEqual(receipt.git, validation.git);
    assert.equal(receipt.profileHash, sha256('{"a":[2],"b":1}'));
    assert.equal(receipt.hash, receiptHash(receipt));
    const others = [
      createReceipt({ ...validation, verdict: 'not_ready' }, manifestHash, origin),
      createReceipt({ ...validation, score: validation.score + 1 }, manifestHash, origin),
      createReceipt({ ...validation, profile: 'ci' }, manifestHash, origin),
      createReceipt({ ...validation, mode: 'fast' }, manifestHash, origin),
      createReceipt({ ...validation, tools: {} }, manifestHash, origin),
      createReceipt({ ...validation, git: { commit: '0' } }, manifestHash, origin),
      createReceipt({ ...validation, checks: validation.checks.toReversed() }, manifestHash, origin),
      createReceipt(validation, sha256('another'), origin),
      createReceipt(validation, manifestHash, { ...origin, profile: {} }),
      createReceipt(validation, manifestHash, { ...origin, source: { tree: 'abc', dirty: 'd' } }),
    ];
    assert.equal(new Set([receipt, ...others].map(({ hash }) => hash)).size, others.length + 1);
  });
});
