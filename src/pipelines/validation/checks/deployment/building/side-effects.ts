/** Recognizes commands that change more than the folder of a build, or need the network. */
const sideEffects =
  /\b(?:npm|pnpm|yarn|bun)\s+(?:ci|i|install|add|publish|version|link)\b|\b(?:git|docker|podman|curl|wget|ssh|scp|rsync|sudo|kubectl|aws|gcloud|az|vercel|netlify|firebase|wrangler|migrate|deploy|publish)\b/;

export const hasSideEffects = (commands: string): boolean => sideEffects.test(commands);
