/** @file The names of the files that evidence is kept in, below `results/` of a run. */

/** The folder, and the names of its files without their endings. */
export const FOLDER = "features";
export const SUMMARY_FILE = "summary";
/** Holds what examples need of the rows. No member can be called this. */
export const ROWS_FILE = "@rows";

/** Rows that can be shown on each side of an example, at most: they are in memory for each. */
export const MOST_AROUND = 50;
