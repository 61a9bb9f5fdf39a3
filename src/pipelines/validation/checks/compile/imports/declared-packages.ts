/** What the manifests of Python name as needed, and what an import is called there. */

import { field, texts } from '../../../repository/manifest-formats.ts';
import type { Repository } from '../../../repository/repository.ts';

/** Modules whose package has another name (the packages' own pages on PyPI). */
const packageOf: Readonly<Record<string, readonly string[]>> = {
  attr: ['attrs'],
  Crypto: ['pycryptodome', 'pycrypto'],
  Cryptodome: ['pycryptodomex'],
  MySQLdb: ['mysqlclient', 'mysql-python'],
  OpenSSL: ['pyopenssl'],
  PIL: ['pillow'],
  bs4: ['beautifulsoup4'],
  cairo: ['pycairo'],
  cv2: ['opencv-python', 'opencv-python-headless', 'opencv-contrib-python'],
  dateutil: ['python-dateutil'],
  discord: ['discord-py'],
  docx: ['python-docx'],
  dotenv: ['python-dotenv'],
  fitz: ['pymupdf'],
  git: ['gitpython'],
  gi: ['pygobject'],
  github: ['pygithub'],
  google: ['protobuf', 'google'],
  grpc: ['grpcio'],
  jose: ['python-jose'],
  jwt: ['pyjwt'],
  ldap: ['python-ldap'],
  lxml_html_clean: ['lxml'],
  magic: ['python-magic'],
  markdown_it: ['markdown-it-py'],
  mpl_toolkits: ['matplotlib'],
  multipart: ['python-multipart'],
  nacl: ['pynacl'],
  OpenGL: ['pyopengl'],
  pkg_resources: ['setuptools'],
  psycopg2: ['psycopg2-binary', 'psycopg2'],
  pylab: ['matplotlib'],
  pythoncom: ['pywin32'],
  pywintypes: ['pywin32'],
  rest_framework: ['djangorestframework'],
  ruamel: ['ruamel-yaml'],
  serial: ['pyserial'],
  skimage: ['scikit-image'],
  sklearn: ['scikit-learn'],
  slugify: ['python-slugify'],
  snappy: ['python-snappy'],
  socks: ['pysocks'],
  usb: ['pyusb'],
  win32api: ['pywin32'],
  win32con: ['pywin32'],
  wx: ['wxpython'],
  yaml: ['pyyaml', 'ruamel-yaml'],
  zmq: ['pyzmq'],
};

/** Come with every installation, or with the test runner. */
const always = new Set([
  'setuptools',
  'pkg-resources',
  'pip',
  'wheel',
  'distutils',
  '-distutils-hack',
  '-pytest',
  'pluggy',
  '--main--',
  '--future--',
]);

/** As packages are compared (PEP 503). */
export const normal = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, '-');

/** Whether one of these packages, in normal form, may bring the module of this first name. */
export function isBrought(module: string, packages: ReadonlySet<string>): boolean {
  const plain = normal(module);
  if (always.has(plain) || packages.has(plain) || packageOf[module]?.some((name) => packages.has(name))) return true;
  // Packages with a prefix of their own, and those that share a namespace.
  const forms = [
    `python-${plain}`,
    `py-${plain}`,
    `py${plain}`,
    `${plain}-python`,
    `${plain}-py`,
    `${plain}py`,
    `types-${plain}`,
  ];
  if (forms.some((form) => packages.has(form))) return true;
  return [...packages].some((name) => name.startsWith(`${plain}-`) || name.endsWith(`-${plain}`));
}

const requirementFiles =
  /(?:^|\/)(?:[^/]*requirements?[^/]*\.(?:txt|in)|requirements\/[^/]+\.(?:txt|in)|constraints[^/]*\.txt)$/i;
/** Name words in quotes or at the start of lines; read as text, since they are programs or of many forms. */
const looseFiles =
  /(?:^|\/)(?:setup\.py|setup\.cfg|tox\.ini|noxfile\.py|environment[^/]*\.ya?ml|Pipfile|conda[^/]*\.ya?ml|meta\.yaml|\.pre-commit-config\.yaml)$/;

/** Every package that a manifest names, whatever for; nothing where no manifest could be read. */
export async function pythonPackages(repository: Repository): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const add = (text: string): void => {
    const name = /^\s*["']?([A-Za-z0-9][\w.-]*)/.exec(text)?.[1];
    if (name) found.add(normal(name));
  };
  for (const file of await repository.files()) {
    if (file.endsWith('pyproject.toml')) for (const text of requirementsOf(await repository.toml(file))) add(text);
    else if (requirementFiles.test(file))
      for (const line of ((await repository.text(file)) ?? '').split('\n')) add(line);
    else if (looseFiles.test(file)) {
      const text = (await repository.text(file)) ?? '';
      for (const [, word = ''] of text.matchAll(
        /(?:^[ \t]*(?:-[ \t]*)?|["'])([A-Za-z0-9][\w.-]*)(?=[\s"'<>=!~;[,]|$)/gm,
      ))
        add(word);
    }
  }
  return found;
}

function requirementsOf(content: unknown): string[] {
  const project = field(content, 'project');
  const tool = field(content, 'tool');
  const poetry = field(tool, 'poetry');
  const lists = [
    field(project, 'dependencies'),
    ...valuesOf(field(project, 'optional-dependencies')),
    ...valuesOf(field(content, 'dependency-groups')),
    ...valuesOf(field(field(tool, 'pdm'), 'dev-dependencies')),
    field(field(tool, 'uv'), 'dev-dependencies'),
    field(field(content, 'build-system'), 'requires'),
    ...valuesOf(field(field(tool, 'hatch'), 'envs')).flatMap((env) => [
      field(env, 'dependencies'),
      field(env, 'extra-dependencies'),
    ]),
  ];
  const tables = [
    field(poetry, 'dependencies'),
    field(poetry, 'dev-dependencies'),
    ...valuesOf(field(poetry, 'group')).map((group) => field(group, 'dependencies')),
  ];
  return [...lists.flatMap(texts), ...tables.flatMap((table) => Object.keys((table as object | undefined) ?? {}))];
}

const valuesOf = (value: unknown): unknown[] =>
  typeof value === 'object' && value !== null ? Object.values(value) : [];
