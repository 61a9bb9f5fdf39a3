/** Limits that guests and hosts share. */

/** Version of the batch format; raised with every incompatible change, in the Python probe too. */
export const protocolVersion = 1;

/** Maximum number of entries of each kind in one batch; a batch with more is malformed. */
export const maxBatchEntries = 20_000;

/** Maximum number of notices in one batch. */
export const maxBatchNotices = 100;

/** Maximum number of processes and threads in one run; batches of further ones are dropped and counted. */
export const maxSources = 256;
