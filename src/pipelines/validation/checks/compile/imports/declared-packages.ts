/** Reads the packages that Python manifests declare, and matches imported modules with them. */
import { field, texts } from '../../../repository/manifest-formats.ts';
import type { Repository } from '../../../repository/repository.ts';
import { normalizePackageName } from '../../normalize-package-name.ts';

/** Packages of modules that are named differently (from the packages' pages on PyPI). */
const packagesByModule: Readonly<Record<string, readonly string[]>> = {
  attr: ['attrs'],
  Crypto: ['pycryptodome', 'pycrypto'],
  Cryptodome: ['pycryptodomex'],
  MySQLdb: ['mysqlclient', 'mysql-python'],
  OpenSSL: ['pyopenssl'],
  PIL: ['pillow'],
  bson: ['pymongo'],
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
  gridfs: ['pymongo'],
  grpc: ['grpcio'],
  grpc_channelz: ['grpcio-channelz'],
  grpc_health: ['grpcio-health-checking'],
  grpc_reflection: ['grpcio-reflection'],
  grpc_status: ['grpcio-status'],
  grpc_tools: ['grpcio-tools'],
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

/** Packages that every installation has, or that come with the test runner. Normalized. */
const alwaysInstalled = new Set([
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

/** Returns true if one of the packages, given by normalized name, may contain a top-level module. */
export function providesModule(module: string, packages: ReadonlySet<string>): boolean {
  const name = normalizePackageName(module);
  if (alwaysInstalled.has(name) || packages.has(name)) return true;
  if (packagesByModule[module]?.some((alias) => packages.has(alias))) return true;
  // Common variations of the module name.
  const variations = [
    `python-${name}`,
    `py-${name}`,
    `py${name}`,
    `${name}-python`,
    `${name}-py`,
    `${name}py`,
    `types-${name}`,
  ];
  if (variations.some((variation) => packages.has(variation))) return true;
  // The name of a module has no hyphens and is often the plural of the package: wtfpeewee, django_filters.
  const compact = name.replaceAll('-', '').replace(/s$/, '');
  if ([...packages].some((other) => other.replaceAll('-', '').replace(/s$/, '') === compact)) return true;
  // Packages that share a namespace, such as google-cloud-storage.
  return [...packages].some((other) => other.startsWith(`${name}-`) || other.endsWith(`-${name}`));
}

const requirementFiles =
  /(?:^|\/)(?:[^/]*requirements?[^/]*\.(?:txt|in)|requirements\/[^/]+\.(?:txt|in)|constraints[^/]*\.txt)$/i;
/** Programs and files in various formats. Any word in quotes or at the start of a line may name a package. */
const looseFiles =
  /(?:^|\/)(?:setup\.py|setup\.cfg|tox\.ini|noxfile\.py|environment[^/]*\.ya?ml|Pipfile|conda[^/]*\.ya?ml|meta\.yaml|\.pre-commit-config\.yaml)$/;

const looseName = /(?:^[ \t]*(?:-[ \t]*)?|["'])([A-Za-z0-9][\w.-]*)(?=[\s"'<>=!~;[,]|$)/gm;

/** Finds the normalized names of all packages that a manifest mentions, for any purpose. */
export async function findDeclaredPackages(repository: Repository): Promise<ReadonlySet<string>> {
  const packages = new Set<string>();
  const add = (requirement: string): void => {
    const name = /^\s*["']?([A-Za-z0-9][\w.-]*)/.exec(requirement)?.[1];
    if (name) packages.add(normalizePackageName(name));
  };
  const readText = async (file: string): Promise<string> => (await repository.text(file)) ?? '';
  for (const file of await repository.files()) {
    if (file.endsWith('pyproject.toml')) readPyproject(await repository.toml(file)).forEach(add);
    else if (/(?:^|\/)hatch\.toml$/.test(file)) hatchRequirements(await repository.toml(file)).forEach(add);
    else if (requirementFiles.test(file)) (await readText(file)).split('\n').forEach(add);
    else if (looseFiles.test(file)) {
      for (const [, name = ''] of (await readText(file)).matchAll(looseName)) add(name);
    }
  }
  return packages;
}

/** Reads the requirements in all sections of a pyproject.toml. */
function readPyproject(content: unknown): string[] {
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
    hatchRequirements(field(tool, 'hatch')),
  ];
  const tables = [
    field(poetry, 'dependencies'),
    field(poetry, 'dev-dependencies'),
    ...valuesOf(field(poetry, 'group')).map((group) => field(group, 'dependencies')),
  ];
  return [...lists.flatMap(texts), ...tables.flatMap((table) => Object.keys((table as object | undefined) ?? {}))];
}

/** Reads the requirements of the environments in a hatch.toml, or in the same table of a pyproject.toml. */
function hatchRequirements(table: unknown): string[] {
  const environments = field(table, 'envs');
  const listed = valuesOf(environments).flatMap((environment) => [
    ...texts(field(environment, 'dependencies')),
    ...texts(field(environment, 'extra-dependencies')),
  ]);
  // Hatch adds the test runner to this environment.
  return field(environments, 'hatch-test') === undefined ? listed : [...listed, 'pytest', 'coverage'];
}

const valuesOf = (value: unknown): unknown[] =>
  typeof value === 'object' && value !== null ? Object.values(value) : [];
