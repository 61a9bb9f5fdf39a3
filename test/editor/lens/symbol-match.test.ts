import { strict as assert } from 'node:assert';
import { type Candidate, functionNamed, onlyOne } from '../../../src/editor/lens/symbol-match.ts';

describe('matching by name', () => {
  const names: readonly [string, string | undefined][] = [
    ['checkout', 'checkout'],
    ['shop.Cart.checkout', 'checkout'],
    ['shop::cart::checkout', 'checkout'],
    ['cart:checkout', 'checkout'],
    ['Cart#checkout', 'checkout'],
    ['checkout()', 'checkout'],
    ['größe', 'größe'],
    ['GET /cart', undefined],
    ['GET', 'GET'],
    ['SELECT * FROM cart', undefined],
    ['dns.lookup host', undefined],
    ['', undefined],
  ];
  for (const [span, name] of names) {
    it(`takes “${span}” for ${name ?? 'no function'}`, () => assert.equal(functionNamed(span), name));
  }

  const here: Candidate = { name: 'checkout', isFunction: true, path: '/w/cart.ts', line: 3 };
  const cases: readonly [string, readonly Candidate[], number | undefined][] = [
    ['the only function', [here], 3],
    ['a function told with its brackets', [{ ...here, name: 'checkout(id)' }], 3],
    ['one that is told twice', [here, { ...here }], 3],
    ['the function beside a variable', [here, { ...here, isFunction: false, line: 9 }], 3],
    ['the one inside the workspace', [here, { name: 'checkout', isFunction: true, line: 1 }], 3],
    ['neither of two', [here, { ...here, path: '/w/other.ts' }], undefined],
    ['none that only begins like it', [{ ...here, name: 'checkoutAll' }], undefined],
    ['none', [], undefined],
  ];
  for (const [what, candidates, line] of cases) {
    it(`finds ${what}`, () => assert.equal(onlyOne('checkout', candidates)?.line, line));
  }
});
