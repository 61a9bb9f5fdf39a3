import { rowSize } from '../counting/exact-counters.ts';

/** Text inserted at the beginning and at the end of a function body. */
export type Delimiters = readonly [open: string, close: string];

/** Returns the delimiters of a function that runs without interruption. */
export function syncDelimiters(row: number): Delimiters {
  return [
    `let $psV=$PS,$psT=$PS.m[${row * rowSize}]<0?-1:$PS.b(${row});try{`,
    `}finally{if($psT!==-1)$PS.e(${row},$psT,$psV===$PS)}`,
  ];
}

/** Returns the delimiters of an asynchronous function or a generator. */
export function resumableDelimiters(row: number, separatesWaiting: boolean): Delimiters {
  return [
    `let $psV=$PS,$psA=$PS.m[${row * rowSize}]<0?void 0:$PS.a(${row},${separatesWaiting ? 1 : 0});try{`,
    `}finally{if($psA)$PS.z($psA,$psV===$PS)}`,
  ];
}
