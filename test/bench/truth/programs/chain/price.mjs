import { weigh } from './weigh.mjs';

export function priceOf(item, seed) {
  let price = weigh(item.name, seed);
  // <priceOf>
  for (let step = 0; step < 10; step++) price = (price * 31 + item.base) % 10007;
  // </priceOf>
  return price;
}
