/** Functions of libraries whose results follow from their first argument, which is a type in `cast(C, x)`. */
import { container, type ResolvedValue } from '../value.ts';

type Value = ResolvedValue | undefined;
type ExternalResult = (first: Value, type: Value) => Value;

const argument: ExternalResult = (first) => first;
const managed: ExternalResult = (first) => container('Manager', first);

/** Results by the name of the function. */
export const externalResults: Readonly<Record<string, ExternalResult | undefined>> = Object.assign(
  Object.create(null) as Record<string, ExternalResult>,
  {
    cast: (_first: Value, type: Value) => type,
    copy: argument,
    deepcopy: argument,
    closing: managed,
    aclosing: managed,
    nullcontext: managed,
  },
);
