import { type Infer, list, literal, object, optional, text, whole } from '../schema.ts';

/** Maximum number of names in one report. */
export const maxReportedNames = 40;

export const exactReport = object({
  file: text,
  name: optional(text),
  line: optional(whole),
  /** `missing`: the file was loaded but has no such function. `problem`: the function cannot be timed. */
  state: literal('matched', 'missing', 'problem'),
  /** Names of functions in the file, if the function is missing. */
  names: optional(list(text, maxReportedNames)),
  /** Reason, as the end of the sentence “… because …”. */
  problem: optional(text),
});
/** State of one of the functions that are to be timed exactly, as far as a guest can tell. */
export type ExactReport = Infer<typeof exactReport>;
