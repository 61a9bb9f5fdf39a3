/** Environment variables by which a host and what it starts find each other. */

/** `1`: the IPC channel of this forked process leads to a profiler. */
export const ipcVariable = 'PIPESCOPE_IPC';

/** Names the run in the environment of every process that it starts, so that none can hide from Stop. */
export const runVariable = 'PIPESCOPE_RUN';

/** Names one program of a check in the environment of all that it starts, so that none of them outlives the check. */
export const programVariable = 'PIPESCOPE_PROGRAM';

/** Where a host listens: the path of a local socket or named pipe, or `127.0.0.1:PORT`. */
export const socketVariable = 'PIPESCOPE_SOCKET';

/** `127.0.0.1:PORT` beside the socket, for programs that cannot open one, such as a shell; wants the token. */
export const networkVariable = 'PIPESCOPE_TCP';

/** Told by a guest in its hello; without it a host on a network address hangs up. */
export const tokenVariable = 'PIPESCOPE_TOKEN';

/** What a zero-code probe should do, as JSON: see `Wishes` in `control.ts`. */
export const wishesVariable = 'PIPESCOPE_WISHES';
