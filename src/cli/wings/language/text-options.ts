/** @file The options of all verbs that read a text. */

import { Option } from "commander";
import { DOCUMENT_FORMATS } from "../../../domains/language/text/document-formats.ts";

/** Which text. */
export const TEXT_OPTION = [
  "--text <text...>",
  "names from `concord models list`, files, folders, quoted patterns, or datasets of the Hugging Face hub; .gz and .zst are unpacked",
] as const;

/** Which text, for verbs that name something else besides: given again for each. */
export function textOption(): Option {
  const what = "name from `concord models list`, file, folder, or quoted pattern; repeatable";
  const gather = (value: string, before: readonly string[] = []) => [...before, value];
  return new Option("--text <text>", what).argParser(gather).makeOptionMandatory();
}

/** Which part of it. */
export const TEXT_COLUMN_OPTION = [
  "--text-column <name>",
  "key of JSON objects, or column of Parquet files, that holds the text (default: text)",
] as const;

/** How it holds documents. */
export function textFormatOption(): Option {
  const what = "how files separate documents (default: recognised from the file)";
  return new Option("--text-format <format>", what).choices(DOCUMENT_FORMATS);
}

/** A single value as itself, so that what is written down is what was typed. */
export function oneOrMore(values: readonly string[]): string | readonly string[] {
  const [only] = values;
  return only !== undefined && values.length === 1 ? only : values;
}
