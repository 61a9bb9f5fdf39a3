/** Languages of sources: what of a text counts, and in which outputs every change that counts shows. */

/** Comments, each to its end; strings go first, so that what looks like a comment in them stays. */
const text = String.raw`"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'`;
const slashes = new RegExp(String.raw`(${text})|//[^\n]*|/\*[\s\S]*?\*/`, 'g');
const dashes = new RegExp(String.raw`(${text})|--[^\n]*|/\*[\s\S]*?\*/`, 'g');
const marks = /\{#[\s\S]*?#\}|\{\{![\s\S]*?\}\}/g;

interface Language {
  readonly source: RegExp;
  /** Outputs that hold all that the source says; others, such as stubs of services, may stay as they are. */
  readonly output: RegExp;
  readonly comments: RegExp;
}

const languages: readonly Language[] = [
  { source: /\.proto$/, output: /(?<!_grpc)\.pb\.(?:go|h|cc)$|_pb2\.pyi?$|_pb\.(?:js|ts|d\.ts)$/, comments: slashes },
  // sqlc writes the text of each query into its output; its schema is another source.
  { source: /\.sql$/, output: /\.sql\.(?:go|ts|py)$|_sql\.(?:go|ts|py)$/, comments: dashes },
  { source: /\.[ly]$/, output: /\.(?:c|cc|cpp)$/, comments: slashes },
  { source: /\.prisma$/, output: /\.prisma$/, comments: slashes },
  { source: /\.(?:tera|tmpl|j2|jinja2?|hbs)$/, output: /./, comments: marks },
];

export const showsIn = (source: string, output: string): boolean =>
  languages.some((one) => one.source.test(source) && one.output.test(output));

/** A source without comments and without the spaces between its words. */
export function plain(source: string, content: string): string {
  const language = languages.find((one) => one.source.test(source));
  const bare = language
    ? content.replace(language.comments, (_, kept: unknown) => (typeof kept === 'string' ? kept : ' '))
    : content;
  return bare
    .replace(/\s+/g, ' ')
    .replace(/ ?([^\w"'`]) ?/g, '$1')
    .trim();
}
