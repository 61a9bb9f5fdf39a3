#!/usr/bin/env node
/**
 * Entry point of the `pipescope` command, for use in a terminal or in CI. It must run on every Node that has ES modules, to
 * say which version is needed. It therefore imports nothing before it knows the version.
 */
const minNodeVersion = 24;

if (Number.parseInt(process.versions.node, 10) < minNodeVersion) {
  process.stderr.write(
    `Pipescope needs Node ${minNodeVersion} or later, but this is Node ${process.versions.node}. Install a newer Node and try again.\n`,
  );
  process.exitCode = 2;
} else {
  void import('./node/terminal/start/command-line.ts').then(({ runCommandLine }) =>
    runCommandLine(process.argv.slice(2), import.meta.dirname),
  );
}
