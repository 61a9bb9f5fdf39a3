/** Environment variables that a host sets in the processes that it starts. */

/** Set to `1` if the IPC channel of this forked process is connected to a profiler. */
export const ipcVariable = 'PIPESCOPE_IPC';

/** ID of the run, set in every process that it starts, so that Stop finds all of them. */
export const runVariable = 'PIPESCOPE_RUN';

/** ID of one program of a check, set in every process that it starts, so that none of them outlives the check. */
export const programVariable = 'PIPESCOPE_PROGRAM';

/** Address of the host: the path of a local socket or named pipe, or `127.0.0.1:PORT`. */
export const socketVariable = 'PIPESCOPE_SOCKET';

/** Additional address `127.0.0.1:PORT` for programs that cannot open a local socket, such as a shell. Requires the token. */
export const networkVariable = 'PIPESCOPE_TCP';

/** Token that a guest sends in its hello. On a network address, the host disconnects guests without it. */
export const tokenVariable = 'PIPESCOPE_TOKEN';

/** Configuration of a zero-code probe as JSON; see `ProbeConfig` in `control.ts`. */
export const probeConfigVariable = 'PIPESCOPE_WISHES';

/** `NODE_OPTIONS` of the host's environment. A built-in pipeline runs without it, but passes it on to the programs of checks. */
export const nodeOptionsVariable = 'PIPESCOPE_NODE_OPTIONS';
