/** Ecosystems whose projects are built, in the order of their builds. Add a row to support another one. */

import type { Ecosystem } from '../building/ecosystem.ts';
import { dockerEcosystem } from './docker-ecosystem.ts';
import { dotnetEcosystem } from './dotnet-ecosystem.ts';
import { goEcosystem } from './go-ecosystem.ts';
import { jvmEcosystems } from './jvm-ecosystems.ts';
import { nativeEcosystems } from './native-ecosystems.ts';
import { nodeEcosystem } from './node-ecosystem.ts';
import { phpEcosystem } from './php-ecosystem.ts';
import { pythonEcosystem } from './python-ecosystem.ts';
import { rubyEcosystem } from './ruby-ecosystem.ts';
import { rustEcosystem } from './rust-ecosystem.ts';

export const ecosystems: readonly Ecosystem[] = [
  nodeEcosystem,
  rustEcosystem,
  goEcosystem,
  pythonEcosystem,
  ...jvmEcosystems,
  dotnetEcosystem,
  ...nativeEcosystems,
  rubyEcosystem,
  phpEcosystem,
  dockerEcosystem,
];
