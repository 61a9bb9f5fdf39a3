/** Returns a count with its noun, such as `1 run` or `1,200 runs`. Pass the plural form if it is not just an added "s". */
export function plural(count: number, noun: string, pluralNoun = `${noun}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? noun : pluralNoun}`;
}
