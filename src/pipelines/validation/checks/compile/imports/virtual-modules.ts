/** Module names that a framework, a bundler or a runtime provides, so that no manifest declares them. */

interface VirtualModules {
  readonly provider: string;
  readonly pattern: RegExp;
  /** Packages of which one must be declared in a manifest of the workspace. If absent, the names are unambiguous. */
  readonly requires?: RegExp;
}

const scriptModules: readonly VirtualModules[] = [
  {
    provider: 'Docusaurus',
    pattern: /^@(?:site|theme|theme-original|theme-init|generated)(?:\/|$)/,
    requires: /^@docusaurus\//,
  },
  {
    provider: 'Docusaurus',
    pattern:
      /^@docusaurus\/(?:[A-Z]\w*|use[A-Z]\w*|router|constants|isInternalUrl|renderRoutes|i18n|env|global-?data)(?:$|\/)/,
    requires: /^@docusaurus\//,
  },
  {
    provider: 'VuePress and VitePress',
    pattern: /^@(?:internal|temp|theme|dynamic|siteData|localSearchIndex)(?:\/|$)/,
    requires: /^(?:vuepress|vitepress|@vuepress\/.+)$/,
  },
  {
    provider: 'UnoCSS and Windi CSS',
    pattern: /^(?:uno|virtual)\.css$|^virtual\//,
  },
  { provider: 'Gatsby', pattern: /^@(?:reach\/router|gatsbyjs\/reach-router)$/, requires: /^gatsby$/ },
  {
    provider: 'Quasar',
    pattern: /^(?:quasar|boot|layouts|pages|stores|assets|components|src|app)\//,
    requires: /^(?:quasar|@quasar\/.+)$/,
  },
  {
    provider: 'Ember',
    pattern: /^(?:ember|@ember|@glimmer|@embroider\/macros)(?:\/|$)/,
    requires: /^(?:ember-source|ember-cli)$/,
  },
  {
    provider: 'Salesforce',
    pattern: /^(?:lwc|@salesforce|lightning|c|experience)(?:\/|$)/,
    requires: /^@(?:salesforce|lwc)\//,
  },
  { provider: 'NetSuite', pattern: /^N(?:\/\w+)+$/ },
  { provider: 'k6', pattern: /^k6(?:\/|$)/ },
  { provider: 'Bun', pattern: /^bun$/ },
  { provider: 'Electron', pattern: /^electron(?:\/(?:main|renderer|common))?$/ },
  { provider: 'Obsidian', pattern: /^(?:obsidian|@codemirror\/.+|@lezer\/.+)$/, requires: /^obsidian$/ },
  {
    provider: 'Adobe, Figma and GNOME hosts',
    pattern: /^(?:photoshop|uxp|premierepro|indesign|figma|gi|system|resource)(?:\/|$)/,
  },
  { provider: 'UI5', pattern: /^sap\/\w/ },
  { provider: 'Adobe Experience Manager', pattern: /^core\/\w+(?:\/|$)/, requires: /^@adobe\// },
  { provider: 'Meteor', pattern: /^meteor\// },
  {
    provider: 'WordPress',
    pattern: /^@wordpress\/.+/,
    requires: /^@wordpress\/(?:scripts|dependency-extraction-webpack-plugin)$/,
  },
  {
    provider: 'React Server Components',
    pattern: /^(?:server-only|client-only)$/,
    requires: /^(?:next|react-server-dom-[\w-]+|waku)$/,
  },
  { provider: 'Next.js', pattern: /^styled-jsx(?:\/\w+)?$/, requires: /^next$/ },
  { provider: 'Cloudflare Workers', pattern: /^(?:__STATIC_CONTENT_MANIFEST|cloudflare)(?:\/|$)/ },
  {
    provider: 'AWS Lambda',
    pattern: /^(?:aws-sdk|@aws-sdk\/[\w-]+)$/,
    requires: /^(?:aws-cdk-lib|aws-lambda|@types\/aws-lambda|serverless|sst)$/,
  },
];

/**
 * Returns a predicate for module names that a framework, a bundler or a runtime provides.
 * @param declared names of the packages that the manifests of the workspace declare
 */
export function createVirtualModuleMatcher(declared: ReadonlySet<string>): (spec: string) => boolean {
  const patterns = scriptModules
    .filter(({ requires }) => !requires || [...declared].some((name) => requires.test(name)))
    .map(({ pattern }) => pattern);
  return (spec) => patterns.some((pattern) => pattern.test(spec));
}

/** Python modules that a host program provides to the scripts that it runs. */
const hostModules = new Set(
  `js pyodide pyodide_js micropip pyscript _typeshed
  bpy bmesh mathutils gpu blf aud bpy_extras maya pymel hou nuke c4d mset unreal unity_editor rhinoscriptsyntax Rhino clr
  sublime sublime_plugin vim gdb lldb gimpfu gimp FreeCAD FreeCADGui Part Draft idaapi idc idautils ida_hexrays ghidra binaryninja
  machine micropython network utime uasyncio ubinascii ujson uos usocket neopixel esp esp32 rp2 board microcontroller digitalio
  xbmc xbmcgui xbmcaddon xbmcplugin xbmcvfs renpy talon krita obspython weechat hexchat qgis
  dbutils awsglue google_colab kaggle_secrets`.split(/\s+/),
);

export const isHostModule = (name: string): boolean => hostModules.has(name);
