import { strict as assert } from 'node:assert';
import { findUniqueFunction, functionNameOf, type SymbolCandidate } from '../../../src/editor/lens/symbol-match.ts';

describe('symbol match', () => {
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
    it(`extracts ${name ?? 'no function'} from “${span}”`, () => assert.equal(functionNameOf(span), name));
  }

  const checkout: SymbolCandidate = { name: 'checkout', isFunction: true, path: '/w/cart.ts', line: 3 };
  const cases: readonly [string, readonly SymbolCandidate[], number | undefined][] = [
    ['the only function', [checkout], 3],
    ['a function whose name includes its parameters', [{ ...checkout, name: 'checkout(id)' }], 3],
    ['a function that is listed twice', [checkout, { ...checkout }], 3],
    ['the function beside a variable', [checkout, { ...checkout, isFunction: false, line: 9 }], 3],
    ['the function in the workspace', [checkout, { name: 'checkout', isFunction: true, line: 1 }], 3],
    ['neither of two functions', [checkout, { ...checkout, path: '/w/other.ts' }], undefined],
    ['no function with a longer name', [{ ...checkout, name: 'checkoutAll' }], undefined],
    ['no function among no symbols', [], undefined],
  ];
  for (const [what, candidates, line] of cases) {
    it(`finds ${what}`, () => assert.equal(findUniqueFunction('checkout', candidates)?.line, line));
  }
});
