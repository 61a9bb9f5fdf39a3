/** Extensions of sources in any language, also in those that the checks do not parse. */
export const sourceExtensions: readonly string[] = (
  'ts tsx mts cts js jsx mjs cjs vue svelte py rs go java kt kts scala cs fs vb rb php ' +
  'c cc cpp cxx h hh hpp m mm swift dart ex erl hs lua'
).split(' ');

const sourceFile = new RegExp(`\\.(?:${sourceExtensions.join('|')})$`);

export const isSourceName = (file: string): boolean => sourceFile.test(file);
