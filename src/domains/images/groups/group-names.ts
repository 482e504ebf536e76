/** @file Names of the groups that act on pictures, apart from their code. */

/** In the order of docs/images.md. */
export const GROUPS = ["c2", "c4", "flip", "d4", "translations"] as const;

/** One of `GROUPS`. */
export type GroupName = (typeof GROUPS)[number];
