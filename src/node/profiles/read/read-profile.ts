import { gunzipSync } from 'node:zlib';
import { HumanError } from '../../../core/human-error.ts';
import type { Stacks } from '../../../protocol/stacks.ts';
import { isCollapsed, readCollapsed } from './read-collapsed.ts';
import { isCpuProfile, readCpuProfile } from './read-cpu-profile.ts';
import { isSpeedscope, readSpeedscope } from './read-speedscope.ts';

/** Maximum size of a profile after decompression. */
const maxBytes = 512 * 1024 * 1024;

/**
 * Returns the stacks of a profile of another tool: a CPU profile of V8, pprof, speedscope, or collapsed stacks. The format is
 * recognized by the content.
 *
 * @param title name of the thread in formats that have none
 * @throws HumanError if no format fits
 */
export async function readProfile(bytes: Uint8Array, title: string): Promise<Stacks> {
  const content = bytes[0] === 0x1f && bytes[1] === 0x8b ? unzip(bytes) : bytes;
  const text = new TextDecoder().decode(content);
  if (/^\s*\{/.test(text)) return readJson(text, title);
  if (isCollapsed(text)) return readCollapsed(text, title);
  const { readPprof } = await import('./read-pprof.ts');
  const stacks = readPprof(content, title);
  if (stacks.threads.length === 0) throw new HumanError(unknownFormat);
  return stacks;
}

const unknownFormat =
  'Pipescope cannot read this file as a profile. It reads CPU profiles of V8 (.cpuprofile), pprof, speedscope and collapsed stacks.';

function readJson(text: string, title: string): Stacks {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new HumanError('The profile is not valid JSON. It may have been cut off; write it again.');
  }
  if (isCpuProfile(value)) return readCpuProfile(value, title);
  if (isSpeedscope(value)) return readSpeedscope(value);
  throw new HumanError(unknownFormat);
}

function unzip(bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: maxBytes });
  } catch {
    throw new HumanError('The compressed profile is damaged, or larger than 512 MiB.');
  }
}
