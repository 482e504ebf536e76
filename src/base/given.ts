/**
 * Options with the undefined ones left out, for functions that tell "left out" from "undefined".
 *
 * @example given({ seed: 1, rate: undefined }) // { seed: 1 }
 */
export function given<T extends object>(options: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}
