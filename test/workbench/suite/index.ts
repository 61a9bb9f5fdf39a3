/** Runs all tests inside the extension host. VS Code calls `run`. */
import { runMocha } from './mocha.ts';

export function run(): Promise<void> {
  return runMocha(async () => {
    await import('./activation.ts');
    await import('./benchmark.ts');
    await import('./detection.ts');
    await import('./programs.ts');
    await import('./validation.ts');
  });
}
