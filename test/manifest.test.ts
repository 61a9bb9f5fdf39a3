/** Checks that package.json and the code agree: each contains everything that the other one refers to. */
import { strict as assert } from 'node:assert';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { commands } from '../src/editor/commands/commands.ts';
import { placeholders } from '../src/editor/lens/lens-text.ts';
import { settings } from '../src/editor/settings.ts';
import { defaultProbeConfig } from '../src/node/detached/begin-run.ts';
import { panelCommands } from '../src/protocol/panel/panel-commands.ts';
import { isFromPanel } from '../src/protocol/panel/panel-message.ts';

const root = resolve(import.meta.dirname, '..');

interface Command {
  readonly command: string;
  readonly title: string;
  readonly category: string;
  readonly icon?: string;
  readonly enablement?: string;
}

interface MenuItem {
  readonly command: string;
  readonly when?: string;
}

interface Property {
  readonly type: string;
  readonly default?: unknown;
  readonly scope?: string;
  readonly markdownDescription?: string;
  readonly enum?: readonly string[];
  readonly enumDescriptions?: readonly string[];
}

interface Step {
  readonly description: string;
  readonly media: { readonly svg: string; readonly altText: string };
  readonly completionEvents: readonly string[];
}

interface Manifest {
  readonly version: string;
  readonly engines: { readonly vscode: string };
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly activationEvents: readonly string[];
  readonly capabilities: {
    readonly untrustedWorkspaces: { readonly supported: string; readonly description: string };
    readonly virtualWorkspaces: { readonly supported: string; readonly description: string };
  };
  readonly contributes: {
    readonly commands: readonly Command[];
    readonly keybindings: readonly { readonly command: string; readonly key: string }[];
    readonly menus: Readonly<Record<string, readonly MenuItem[]>>;
    readonly views: Readonly<Record<string, readonly { readonly id: string; readonly icon: string }[]>>;
    readonly viewsContainers: { readonly activitybar: readonly { readonly id: string; readonly icon: string }[] };
    readonly viewsWelcome: readonly { readonly view: string; readonly when: string; readonly contents: string }[];
    readonly walkthroughs: readonly { readonly id: string; readonly steps: readonly Step[] }[];
    readonly configuration: readonly { readonly properties: Readonly<Record<string, Property>> }[];
  };
}

const text = readFileSync(join(root, 'package.json'), 'utf8');
const manifest = JSON.parse(text) as Manifest;
const { contributes } = manifest;
const properties = Object.assign({}, ...contributes.configuration.map((group) => group.properties)) as Record<
  string,
  Property
>;

describe('the manifest', () => {
  it('contributes exactly the commands of the table', () => {
    const inManifest = contributes.commands.map(({ command }) => command).sort();
    assert.ok(inManifest.length >= 12);
    assert.deepEqual(inManifest, commands.map(({ id }) => id).sort());
  });

  for (const { command, title, category, icon } of contributes.commands) {
    it(`gives ${command} the category Pipescope and a title in title case`, () => {
      assert.equal(category, 'Pipescope');
      assert.match(title, /^[A-Z]/);
      assert.doesNotMatch(title, /Pipescope|\.$|\.\.\./);
      const small = new Set(['a', 'as', 'in', 'npm', 'to', 'with']);
      assert.ok(title.split(' ').every((word) => /^[A-Z]/.test(word) || small.has(word)));
      if (icon !== undefined) assert.match(icon, /^\$\([a-z-]+\)$/);
    });
  }

  it('contributes every command that the page of the panel may execute', () => {
    const accepted = commands.filter(({ id }) => isFromPanel({ type: 'run', command: id })).map(({ id }) => id);
    assert.ok(panelCommands.length >= 8);
    assert.deepEqual(accepted.sort(), [...panelCommands].sort());
  });

  it('always hides internal commands from the palette, and no others', () => {
    const hidden = (contributes.menus['commandPalette'] ?? []).filter(({ when }) => when === 'false');
    const internal = commands.filter((command) => command.internal).map(({ id }) => id);
    assert.ok(internal.length > 0);
    assert.deepEqual(
      hidden.map(({ command }) => command),
      internal,
    );
  });

  it('enables commands that start programs only in a trusted workspace', () => {
    const restricted = commands.filter((command) => command.needsTrust);
    assert.ok(restricted.length >= 3);
    for (const { id } of restricted) {
      assert.match(contributes.commands.find(({ command }) => command === id)?.enablement ?? '', /isWorkspaceTrusted/);
    }
  });

  it('uses only contributed commands in menus, walkthroughs and welcome views', () => {
    const contributed = new Set(contributes.commands.map(({ command }) => command));
    const inMenus = Object.values(contributes.menus).flatMap((items) => items.map(({ command }) => command));
    const inTexts = [...text.matchAll(/(?:command:|onCommand:)(pipescope\.\w+)/g)].map((match) => match[1] ?? '');
    assert.ok(inMenus.length > 10 && inTexts.length > 5);
    for (const command of [...inMenus, ...inTexts]) assert.ok(contributed.has(command), command);
  });

  it('uses in conditions only context keys that the code sets and views that exist', () => {
    const source = readFileSync(join(root, 'src/editor/commands/context-keys.ts'), 'utf8');
    const set = new Set([...source.matchAll(/this\.set\('(pipescope\.\w+)'/g)].map((match) => match[1]));
    const elsewhere = {
      hasReport: 'benchmark/benchmark-commands.ts',
      hasComparison: 'benchmark/benchmark-commands.ts',
      hasValidation: 'validation/validator.ts',
    };
    for (const [key, file] of Object.entries(elsewhere)) {
      set.add(`pipescope.${key}`);
      assert.match(readFileSync(join(root, 'src/editor', file), 'utf8'), new RegExp(`set\\('pipescope\\.${key}'`));
    }
    const views = new Set(Object.values(contributes.views).flatMap((list) => list.map(({ id }) => id)));
    const conditions = [...text.matchAll(/"(?:when|enablement)": "([^"]*)"/g)].map((match) => match[1] ?? '');
    assert.ok(conditions.length > 20 && views.size === 3);
    for (const condition of conditions) {
      const names = condition.replaceAll(/=~ \/.*?\/(?= |$)/g, '').replaceAll(/activeWebviewPanelId == '[^']*'/g, '');
      for (const [name] of names.matchAll(/pipescope\.\w+/g)) assert.ok(set.has(name) || views.has(name), name);
    }
  });

  it('contributes exactly the settings of the table', () => {
    const inManifest = Object.keys(properties).sort();
    assert.ok(inManifest.length >= 8);
    assert.deepEqual(
      inManifest,
      Object.keys(settings)
        .map((name) => `pipescope.${name}`)
        .sort(),
    );
  });

  for (const [name, property] of Object.entries(properties)) {
    it(`gives ${name} a description, a scope and a valid default`, () => {
      assert.match(property.markdownDescription ?? '', /^[A-Z].*\.$/);
      assert.ok(property.scope);
      const guard = Object.entries(settings).find(([key]) => `pipescope.${key}` === name)?.[1];
      assert.ok(guard);
      assert.ok(guard(property.default));
      if (!property.enum) return;
      assert.equal(property.enumDescriptions?.length, property.enum.length);
      for (const value of property.enum) assert.ok(guard(value));
    });
  }

  it('has the same default of the overhead budget as the command', () => {
    assert.equal(properties['pipescope.overheadBudgetPercent']?.default, 100 * defaultProbeConfig.budgetRatio);
  });

  it('binds keys only to commands of the palette', () => {
    const bound = contributes.keybindings.map(({ command }) => command);
    assert.ok(bound.length >= 2);
    for (const id of bound)
      assert.ok(
        commands.some((command) => command.id === id && !command.internal),
        id,
      );
  });

  it('lists all placeholders in the description of the template setting', () => {
    const description = properties['pipescope.codeLens.template']?.markdownDescription ?? '';
    const listed = [...description.matchAll(/`\$\{(\w+)\}`/g)].map((match) => match[1]).sort();
    assert.deepEqual(listed, Object.keys(placeholders).sort());
  });

  it('compiles against the oldest supported version of VS Code', () => {
    const oldest = manifest.engines.vscode.match(/^\^(\d+\.\d+)\./)?.[1];
    assert.ok(oldest);
    assert.ok(manifest.devDependencies['@types/vscode']?.startsWith(`${oldest}.`));
  });

  // JSON is excluded because VS Code opens JSON files itself in every window.
  it('activates for supported languages and packages, never at startup', () => {
    assert.ok(manifest.activationEvents.length > 0);
    for (const event of manifest.activationEvents)
      assert.match(event, /^(onLanguage:(?!json)[a-z]+|workspaceContains:package\.json)$/);
  });

  it('explains its limits in untrusted and virtual workspaces', () => {
    for (const { supported, description } of Object.values(manifest.capabilities)) {
      assert.equal(supported, 'limited');
      assert.match(description, /^[A-Z].*\.$/);
    }
  });

  it('has all images it refers to, with alternative texts', () => {
    const steps = contributes.walkthroughs.flatMap((walkthrough) => walkthrough.steps);
    assert.equal(steps.length, 4);
    const icons = [
      ...contributes.viewsContainers.activitybar.map(({ icon }) => icon),
      ...Object.values(contributes.views).flatMap((list) => list.map(({ icon }) => icon)),
    ];
    for (const path of [...steps.map(({ media }) => media.svg), ...icons]) {
      const picture = readFileSync(join(root, path), 'utf8');
      assert.match(picture, /^<svg [\s\S]*<\/svg>\s*$/);
      assert.doesNotMatch(picture, /<script|href=/);
    }
    for (const { media } of steps) assert.match(media.altText, /^[A-Z].*\.$/);
  });

  it('has welcome content for each state of the workspace', () => {
    const conditionsOf = (id: string): string[] =>
      contributes.viewsWelcome.filter(({ view }) => view === id).map(({ when }) => when);
    const components = conditionsOf('pipescope.components');
    assert.equal(new Set(components).size, 3);
    assert.ok(components.some((when) => when.includes("== 'failed'")));
    const validation = conditionsOf('pipescope.validation');
    assert.equal(new Set(validation).size, 2);
    for (const list of [components, validation]) {
      assert.ok(list.some((when) => when.includes('!isWorkspaceTrusted')));
    }
  });

  it('has the version of the latest changelog entry', () => {
    const path = join(root, 'CHANGELOG.md');
    assert.ok(existsSync(path), 'CHANGELOG.md exists');
    const headings = [...readFileSync(path, 'utf8').matchAll(/^## \[?(\d+\.\d+\.\d+)/gm)].map((match) => match[1]);
    assert.equal(headings[0], manifest.version);
  });
});
