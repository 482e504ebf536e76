/** @file The names of the files that evidence is kept in, below `results/` of a run. */

/** The folder, and the names of its files without their endings. */
export const FOLDER = "features";
export const SUMMARY_FILE = "summary";
/** Holds what examples need of the rows. Members are not called this. */
export const ROWS_FILE = "_rows";
