import type { Batch } from '../batch.ts';
import type { StackDeltas } from './stack-sums.ts';

/** The part of a batch that describes the tree of its spans. */
export type SpanDeltas = Pick<Batch, 'spanNodes' | 'spanTimes' | 'spanTimesOmitted'>;

/** Returns the tree of spans in the form of call stacks. */
export function toStackDeltas({ spanNodes, spanTimes, spanTimesOmitted }: SpanDeltas): StackDeltas {
  return {
    ...(spanNodes ? { stackNodes: spanNodes } : {}),
    ...(spanTimes ? { stackSamples: spanTimes } : {}),
    ...(spanTimesOmitted ? { stackSamplesOmitted: spanTimesOmitted } : {}),
  };
}

/** Returns stacks as the properties of a batch that describe the tree of its spans. */
export function toSpanDeltas({ stackNodes, stackSamples, stackSamplesOmitted }: StackDeltas): SpanDeltas {
  return {
    ...(stackNodes?.length ? { spanNodes: stackNodes } : {}),
    ...(stackSamples?.length ? { spanTimes: stackSamples } : {}),
    ...(stackSamplesOmitted ? { spanTimesOmitted: stackSamplesOmitted } : {}),
  };
}
