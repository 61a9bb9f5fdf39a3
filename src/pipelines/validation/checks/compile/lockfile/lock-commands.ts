/** Commands that create or update the lock file, by package manager. */
export const lockCommands: Readonly<Record<string, readonly string[]>> = {
  npm: ['npm', 'install', '--package-lock-only'],
  pnpm: ['pnpm', 'install', '--lockfile-only'],
  yarn: ['yarn', 'install'],
  bun: ['bun', 'install', '--lockfile-only'],
  uv: ['uv', 'lock'],
  poetry: ['poetry', 'lock'],
  pdm: ['pdm', 'lock'],
  pipenv: ['pipenv', 'lock'],
  cargo: ['cargo', 'update', '--workspace'],
  go: ['go', 'mod', 'tidy'],
};
