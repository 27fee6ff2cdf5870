// What browsers have and the type definitions of TypeScript 4.8 do not.

interface Array<T> {
  findLast(predicate: (value: T, index: number, array: T[]) => unknown): T | undefined;
  findLastIndex(predicate: (value: T, index: number, array: T[]) => unknown): number;
  toSorted(compare?: (left: T, right: T) => number): T[];
}

/** Set by dygraphs.js. */
declare var Dygraph: any;
