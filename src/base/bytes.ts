/** @file Amounts of memory or disk by what they are for. */

/** A number of bytes, and what they are for. */
export interface MemoryItem {
  readonly what: string;
  readonly bytes: number;
  /** Items with the same owner and the same `what` are one piece of memory, counted once. */
  readonly owner?: object | undefined;
}

/** Sums items by purpose, in the order in which each purpose first occurs. */
export function addedUp(items: readonly MemoryItem[]): MemoryItem[] {
  const sums = new Map<string, number>();
  const seen = new Map<string, Set<object>>();
  for (const { what, bytes, owner } of items) {
    if (owner) {
      const owners = seen.get(what) ?? new Set();
      if (owners.has(owner)) continue;
      seen.set(what, owners.add(owner));
    }
    sums.set(what, (sums.get(what) ?? 0) + bytes);
  }
  return [...sums].map(([what, bytes]) => ({ what, bytes }));
}

/** The total of some items; shared items count once. */
export function totalBytes(items: readonly MemoryItem[]): number {
  return addedUp(items).reduce((sum, { bytes }) => sum + bytes, 0);
}
