import { strict as assert } from 'node:assert';
import { createHash } from 'node:crypto';
import { chainOf, checkHash, receiptHash, receiptOf } from '../../../../src/pipelines/validation/bundle/receipt.ts';
import { isReceipt } from '../../../../src/protocol/receipt.ts';
import type { CheckResult } from '../../../../src/protocol/validation.ts';
import { mixed, resultOf, validationOf } from '../sample-validation.ts';

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');
const manifestHash = sha256('manifest');

describe('a receipt', () => {
  it('hashes a check over the very text that the documentation names', () => {
    const result = resultOf({
      id: 'A',
      message: 'é',
      evidence: [{ content: 'one' }, { content: 'two' }],
      findings: [{ file: 'a.ts', line: 2, message: 'm' }],
    });
    const evidence = [sha256('one'), sha256('two')].sort();
    const text = `{"category":"build","evidence":["${evidence.join('","')}"],"findings":[{"file":"a.ts","line":2,"message":"m"}],"id":"A","message":"é","remediation":[],"severity":"warning","status":"pass"}`;
    assert.equal(result.hash, sha256(text));
  });

  const base = resultOf(mixed[1] as (typeof mixed)[number]);
  const changes: readonly [string, Partial<CheckResult>, 'another' | 'same'][] = [
    ['id', { id: 'B' }, 'another'],
    ['category', { category: 'tests' }, 'another'],
    ['severity', { severity: 'info' }, 'another'],
    ['status', { status: 'pass' }, 'another'],
    ['skip reason', { skipReason: 'budget' }, 'another'],
    ['message', { message: 'Other.' }, 'another'],
    ['findings', { findings: base.findings.toReversed() }, 'another'],
    ['remediation', { remediation: [] }, 'another'],
    ['evidence', { evidence: base.evidence.slice(1) }, 'another'],
    ['order of the evidence', { evidence: base.evidence.toReversed() }, 'same'],
    ['duration', { durationNs: 7 }, 'same'],
  ];
  for (const [what, change, expected] of changes) {
    it(`gives a check with another ${what} ${expected === 'same' ? 'the same hash' : 'another hash'}`, () => {
      assert.equal(checkHash({ ...base, ...change }) === base.hash, expected === 'same');
    });
  }

  it('chains each hash to the one before it', () => {
    const [one, two] = [sha256('1'), sha256('2')];
    const first = sha256('0'.repeat(64) + one);
    assert.deepEqual(chainOf([one, two]), [first, sha256(first + two)]);
    assert.notDeepEqual(chainOf([two, one]).at(-1), chainOf([one, two]).at(-1));
    assert.deepEqual(chainOf([]), []);
  });

  it('names what was validated, and has another hash where any of it is another', () => {
    const validation = validationOf(mixed);
    const origin = { profile: { b: 1, a: [2] }, source: { tree: 'abc' } };
    const receipt = receiptOf(validation, manifestHash, origin);
    assert.ok(isReceipt(receipt));
    assert.equal(receipt.version, '1.0.0');
    assert.deepEqual(receipt.git, validation.git);
    assert.equal(receipt.profileHash, sha256('{"a":[2],"b":1}'));
    assert.equal(receipt.hash, receiptHash(receipt));
    const others = [
      receiptOf({ ...validation, verdict: 'not_ready' }, manifestHash, origin),
      receiptOf({ ...validation, score: validation.score + 1 }, manifestHash, origin),
      receiptOf({ ...validation, profile: 'ci' }, manifestHash, origin),
      receiptOf({ ...validation, mode: 'fast' }, manifestHash, origin),
      receiptOf({ ...validation, tools: {} }, manifestHash, origin),
      receiptOf({ ...validation, git: { commit: '0' } }, manifestHash, origin),
      receiptOf({ ...validation, checks: validation.checks.toReversed() }, manifestHash, origin),
      receiptOf(validation, sha256('another'), origin),
      receiptOf(validation, manifestHash, { ...origin, profile: {} }),
      receiptOf(validation, manifestHash, { ...origin, source: { tree: 'abc', dirty: 'd' } }),
    ];
    assert.equal(new Set([receipt, ...others].map(({ hash }) => hash)).size, others.length + 1);
  });
});
