/** Limits that guests and hosts share. */

/** Version of the batch format; raised with every incompatible change, in the Python probe too. */
export const protocolVersion = 1;

/** Maximum number of entries of each kind in one batch; a batch with more is malformed. */
export const maxBatchEntries = 20_000;

/** Maximum number of notices in one batch. */
export const maxBatchNotices = 100;

/** Maximum number of processes and threads that report at the same time; batches of further ones are dropped and counted. */
export const maxSources = 1000;

/** Largest gap between two sequence numbers of a source that can be batches that were lost. */
export const maxSequenceGap = 100_000;

/** Maximum length of the name of an error type, in UTF-16 code units. */
export const maxErrorTypeLength = 200;
