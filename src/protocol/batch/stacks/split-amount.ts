/** Returns whole parts of a whole amount in proportion to the weights. Their sum is the amount. */
export function splitAmount(amount: number, weights: readonly number[]): readonly number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  let [passed, given] = [0, 0];
  return weights.map((weight) => {
    passed += weight;
    const until = sum > 0 ? Math.round((amount * passed) / sum) : 0;
    const part = until - given;
    given = until;
    return part;
  });
}
