/** Closures that are made in a hot loop and passed to the methods of arrays. Each call needs the result of the one before. */
const rows = Array.from({ length: 3000 }, (_, index) => ({ price: (index * 7919) % 997, name: `row ${index}` }));

export function round() {
  let state = 1;
  for (let tax = 1; tax <= 25; tax++) {
    const addTax = (row) => {
      let price = row.price + state;
      // <addTax>
      for (let step = 0; step < 16; step++) price = (price * 13 + tax) % 10007;
      // </addTax>
      state = price;
      return price;
    };
    const isCheap = (price) => {
      let limit = price + state;
      // <isCheap>
      for (let rest = price + 100; rest > 0; rest = rest >> 1) limit = (limit * 3 + rest) % 5003;
      // </isCheap>
      state = limit;
      return price < 9000;
    };
    const addPrice = (total, price) => {
      let sum = total + price;
      // <addPrice>
      for (let step = 0; step < 8; step++) sum = (sum * 7 + step) % 9973;
      // </addPrice>
      return sum;
    };
    state = rows.map(addTax).filter(isCheap).reduce(addPrice, state);
  }
  return state;
}
