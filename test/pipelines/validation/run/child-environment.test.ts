import { strict as assert } from 'node:assert';
import { childEnvironment } from '../../../../src/pipelines/validation/run/child-environment.ts';

/** A developer's shell, as seen by a process that an npm script, a Git hook and the editor have started. */
const shell = {
  HOME: '/home/dev',
  PATH: '/usr/bin',
  LANG: 'de_DE.UTF-8',
  LC_ALL: 'de_DE.UTF-8',
  TERM: 'xterm-256color',
  TMPDIR: '/scratch',
  FORCE_COLOR: '1',
  NODE_ENV: 'development',
  npm_config_registry: 'https://registry.example',
  VSCODE_PORTABLE: '/portable',
  GIT_AUTHOR_NAME: 'Dev',
};
const added = {
  PIPESCOPE_IPC: '1',
  PIPESCOPE_SOCKET: '/tmp/s',
  ELECTRON_RUN_AS_NODE: '1',
  VSCODE_IPC_HOOK: '/tmp/hook',
  VSCODE_PID: '7',
  NODE_CHANNEL_FD: '3',
  npm_lifecycle_event: 'validate',
  npm_package_name: 'other',
  npm_command: 'run',
  INIT_CWD: '/elsewhere',
  GIT_DIR: '/elsewhere/.git',
  GIT_INDEX_FILE: '/elsewhere/index',
};

describe('childEnvironment', () => {
  it('is the shell of the developer without what the programs around this process have added', () => {
    assert.deepEqual(childEnvironment('/w/node_modules/.bin/mocha', [], { ...shell, ...added }), shell);
  });

  it('neither forbids nor forces colors, and does not claim to run in continuous integration', () => {
    const environment = childEnvironment('npm', [], { PATH: '/usr/bin' });
    assert.deepEqual(environment, { PATH: '/usr/bin' });
    for (const name of ['NO_COLOR', 'FORCE_COLOR', 'CI', 'PYTHONDONTWRITEBYTECODE']) {
      assert.equal(childEnvironment('npm', [], { [name]: '1' })[name], '1', `${name} of the developer stays`);
    }
  });

  it('keeps the marker by which Stop finds the processes of a run', () => {
    assert.equal(childEnvironment('npm', [], { PIPESCOPE_RUN: 'r1' })['PIPESCOPE_RUN'], 'r1');
  });

  it('restores the options for Node that the pipeline itself runs without', () => {
    const environment = childEnvironment('node', [], { PIPESCOPE_NODE_OPTIONS: '--max-old-space-size=99' });
    assert.deepEqual(environment, { NODE_OPTIONS: '--max-old-space-size=99' });
  });

  it('keeps Git from locking and from asking, but only Git', () => {
    const expected = { GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0' };
    assert.deepEqual(childEnvironment('git', [], {}), expected);
    assert.deepEqual(childEnvironment('/usr/bin/git', [], {}), expected);
    assert.deepEqual(childEnvironment('/usr/bin/git-cliff', [], {}), {});
  });

  it('activates the virtual environment that a program is installed in', () => {
    const { PATH, VIRTUAL_ENV, PYTHONHOME } = childEnvironment('/w/.venv/bin/python', [], {
      PATH: '/usr/bin',
      PYTHONHOME: '/python',
    });
    assert.deepEqual([PATH, VIRTUAL_ENV, PYTHONHOME], ['/w/.venv/bin:/usr/bin', '/w/.venv', undefined]);
    assert.equal(childEnvironment('/usr/bin/python3', [], {})['VIRTUAL_ENV'], undefined);
  });
});
