/** Allows importing style sheets for their effect; esbuild writes them to a file next to the script. */
declare module '*.css';
