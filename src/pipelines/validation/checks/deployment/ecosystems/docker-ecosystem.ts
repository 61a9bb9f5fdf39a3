/** Docker: images are not built, because a build starts a daemon's processes and loads base images from the network. */
import { type Ecosystem, notApplicable } from '../building/ecosystem.ts';
import { findManifests } from '../building/find-manifests.ts';

export const dockerEcosystem: Ecosystem = {
  name: 'Docker',
  find: async ({ repository }) => (await findManifests(repository, /^(?:Dockerfile|Containerfile)$/)).slice(0, 1),
  build: async ({ manifest }) =>
    notApplicable(`Images are not built here (${manifest}). Build them in the pipeline that publishes them.`),
};
