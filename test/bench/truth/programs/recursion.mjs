/** Recursive functions with work in each call, which needs the result of the call before. */
function build(depth) {
  if (depth === 0) return undefined;
  return {
    value: depth * 7919,
    name: 'abcdefghijklmnop'.slice(0, depth),
    left: build(depth - 1),
    right: build(depth - 1),
  };
}

const tree = build(12);

function sumValues(node, seed) {
  if (!node) return seed;
  let value = node.value + seed;
  // <sumValues>
  for (let step = 0; step < 24; step++) value = (value * 31 + 7) % 65537;
  // </sumValues>
  return sumValues(node.right, sumValues(node.left, value));
}

function hashNames(node, seed) {
  let hash = seed;
  // <hashNames>
  for (let repeat = 0; repeat < 8; repeat++)
    for (let index = 0; index < node.name.length; index++) hash = (hash * 33 + node.name.charCodeAt(index)) % 1000003;
  // </hashNames>
  return node.left ? hashNames(node.right, hashNames(node.left, hash)) : hash;
}

function countDigits(node, seed) {
  let count = seed;
  // <countDigits>
  for (let rest = node.value; rest > 0; rest = Math.floor(rest / 3)) count = (count * 10 + (rest % 3)) % 9973;
  // </countDigits>
  return node.left ? countDigits(node.left, countDigits(node.right, count)) : count;
}

export function round() {
  let state = 1;
  for (let repeat = 0; repeat < 6; repeat++) state = countDigits(tree, hashNames(tree, sumValues(tree, state)));
  return state;
}
