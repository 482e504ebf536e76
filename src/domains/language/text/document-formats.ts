/** @file How files of text hold documents, by the names that a config and the command line have. */

/**
 * How a file holds documents. Parquet needs no word: its bytes say what it is.
 *
 * - `jsonl`: one JSON value per line, a text or an object with the text under a key
 * - `json`: a list of such values, or one after the other
 * - `endoftext`: separated by lines that hold only `<|endoftext|>`
 * - `blank_lines`: separated by blank lines
 * - `whole`: the file is one document
 */
export const DOCUMENT_FORMATS = ["jsonl", "json", "endoftext", "blank_lines", "whole"] as const;
export type DocumentFormat = (typeof DOCUMENT_FORMATS)[number];
