/** Which names a system cannot keep. */
import type { Finding } from '../../../../../protocol/validation.ts';
import { paced } from '../../../check/yield-to-loop.ts';

/** Windows' limit is 260, with the drive and the folder of the checkout before it. */
const longestPath = 200;
/** Devices, with any ending, in any case (Microsoft, "Naming Files, Paths, and Namespaces"). */
const device = /(?:^|\/)(con|prn|aux|nul|conin\$|conout\$|com[1-9¹²³]|lpt[1-9¹²³])(?=[./]|$)/i;
const forbidden = /[<>:"|?*\\]/;
const control = /\p{Cc}/u;
const dropped = /[ .](?=\/|$)/;

/** Why not every system can keep this path; nothing where they can. */
function reasonAgainst(file: string): string | undefined {
  if (file.length > longestPath)
    return `The path has ${file.length} characters; Windows has room for about ${longestPath}.`;
  const reserved = device.exec(file)?.[1];
  if (reserved !== undefined) return `${reserved} is the name of a device on Windows.`;
  const sign = forbidden.exec(file)?.[0];
  if (sign !== undefined) return `Windows has no “${sign}” in names.`;
  if (control.test(file)) return 'There is a control character in the name.';
  return dropped.test(file) ? 'Windows drops a space or a dot at the end of a name.' : undefined;
}

/** Paths that not every system can keep, or that are one file where case, or how an accent is written, does not count. */
export async function unportable(files: readonly string[]): Promise<Finding[]> {
  const first = new Map<string, string>();
  const bad: Finding[] = [];
  const turn = paced();
  for (const file of files) {
    await turn();
    const folded = file.normalize('NFC').toLowerCase();
    const other = first.get(folded);
    if (other === undefined) first.set(folded, file);
    const clash = other && `Windows and macOS take it for the same file as ${other}.`;
    const message = clash ?? reasonAgainst(file);
    if (message) bad.push({ file, message });
  }
  return bad;
}
