/** Finds file names that some operating systems do not support. */
import { createYielder } from '../../../../../process/yield-to-loop.ts';
import type { Finding } from '../../../../../protocol/validation/validation.ts';

/** Maximum length of a path. Windows allows 260 characters, including the drive and the folder of the checkout. */
const maxPathLength = 200;
/** Device names, reserved in any case and with any extension (Microsoft, "Naming Files, Paths, and Namespaces"). */
const device = /(?:^|\/)(con|prn|aux|nul|conin\$|conout\$|com[1-9¹²³]|lpt[1-9¹²³])(?=[./]|$)/i;
const forbidden = /[<>:"|?*\\]/;
const control = /\p{Cc}/u;
const droppedSuffix = /[ .](?=\/|$)/;

/** Explains why a path is not portable. Returns undefined if it is. */
function explainUnportable(file: string): string | undefined {
  if (file.length > maxPathLength)
    return `The path has ${file.length} characters. Windows leaves room for about ${maxPathLength}.`;
  const reserved = device.exec(file)?.[1];
  if (reserved !== undefined) return `${reserved} is a reserved device name on Windows.`;
  const character = forbidden.exec(file)?.[0];
  if (character !== undefined) return `Windows does not allow “${character}” in file names.`;
  if (control.test(file)) return 'The name contains a control character.';
  return droppedSuffix.test(file) ? 'Windows drops a space or a dot at the end of a name.' : undefined;
}

/**
 * Finds paths that some systems do not support. A path also counts if it equals an earlier one on a system that ignores
 * case or Unicode normalization.
 */
export async function findUnportableNames(files: readonly string[]): Promise<Finding[]> {
  const firstByFolded = new Map<string, string>();
  const findings: Finding[] = [];
  const yieldIfDue = createYielder();
  for (const file of files) {
    await yieldIfDue();
    const folded = file.normalize('NFC').toLowerCase();
    const first = firstByFolded.get(folded);
    if (first === undefined) firstByFolded.set(folded, file);
    const clash = first && `On Windows and macOS this is the same file as ${first}.`;
    const message = clash ?? explainUnportable(file);
    if (message) findings.push({ file, message });
  }
  return findings;
}
