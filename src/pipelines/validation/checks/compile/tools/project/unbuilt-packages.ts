/** Separates type errors that only exist because packages of the workspace have not been built. */
import type { Finding } from '../../../../../../protocol/validation/validation.ts';
import type { Repository } from '../../../../repository/repository.ts';
import { PackageManifests, packagePartOf } from '../../imports/package-manifests.ts';

/** Errors about a module without a file or without types. */
const missingModule = /\bTS(?:2307|7016|2792): [^'"]*['"]([^'"]+)['"]/;

interface SeparatedErrors {
  /** Errors in files that import no unbuilt package. */
  readonly errors: readonly Finding[];
  /** Packages of the workspace that the compiler did not find. */
  readonly unbuilt: readonly string[];
}

/** The other errors of a file that imports an unbuilt package may follow from it, because all its types are unknown. */
export async function separateUnbuilt(repository: Repository, findings: readonly Finding[]): Promise<SeparatedErrors> {
  const imports = findings.flatMap(({ file, message }) => {
    const spec = missingModule.exec(message)?.[1];
    return spec === undefined || /^[./]/.test(spec) ? [] : [{ file, name: packagePartOf(spec) }];
  });
  if (imports.length === 0) return { errors: findings, unbuilt: [] };
  const { workspaceNames } = await PackageManifests.load(repository);
  const affected = imports.filter(({ name }) => workspaceNames.has(name));
  const files = new Set(affected.map(({ file }) => file));
  return {
    errors: findings.filter(({ file }) => !files.has(file)),
    unbuilt: [...new Set(affected.map(({ name }) => name))],
  };
}
