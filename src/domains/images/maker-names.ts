/** @file Names of the programs that draw pictures, apart from their code. */

/** In the order of docs/images.md. */
export const MAKER_NAMES = ["galaxies", "shapes"] as const;
