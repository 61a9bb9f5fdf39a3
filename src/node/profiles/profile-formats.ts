/** Table of the profile formats of other tools. A row adds one. */
import type { CallProfile } from './call-profile.ts';

interface ProfileFormat {
  readonly id: string;
  readonly title: string;
  /** File extension without the leading dot. */
  readonly extension: string;
  readonly write: (profile: CallProfile) => Promise<string | Uint8Array>;
}

export const profileFormats: readonly ProfileFormat[] = [
  {
    id: 'cpuprofile',
    title: 'CPU profile of V8, for VS Code and browsers',
    extension: 'cpuprofile',
    write: async (profile) => (await import('./cpu-profile.ts')).writeCpuProfile(profile),
  },
  {
    id: 'pprof',
    title: 'pprof, compressed, for go tool pprof, Pyroscope and Grafana',
    extension: 'pb.gz',
    write: async (profile) => (await import('./pprof.ts')).writePprof(profile),
  },
  {
    id: 'speedscope',
    title: 'speedscope',
    extension: 'speedscope.json',
    write: async (profile) => (await import('./speedscope.ts')).writeSpeedscope(profile),
  },
  {
    id: 'collapsed',
    title: 'Collapsed stacks, for flamegraph.pl and inferno',
    extension: 'collapsed',
    write: async (profile) => (await import('./collapsed.ts')).writeCollapsed(profile),
  },
  {
    id: 'trace',
    title: 'Chrome trace, for Perfetto',
    extension: 'trace.json',
    write: async (profile) => (await import('./chrome-trace.ts')).writeChromeTrace(profile),
  },
];

/** Returns the format of a file by its extension, or undefined if none has it. */
export function profileFormatOf(file: string): ProfileFormat | undefined {
  return profileFormats.find(({ extension }) => file.endsWith(`.${extension}`));
}
