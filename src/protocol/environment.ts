/** Environment variables by which a host and what it starts find each other. */

/** `1`: the IPC channel of this forked process leads to a profiler. */
export const ipcVariable = 'PIPESCOPE_IPC';

/** Names the run in the environment of every process that it starts, so that none can hide from Stop. */
export const runVariable = 'PIPESCOPE_RUN';
