export function weigh(name, seed) {
  let total = seed;
  // <weigh>
  for (let index = 0; index < name.length; index++) total = (total * 5 + name.charCodeAt(index)) % 1009;
  // </weigh>
  return total;
}
