/** @file The names of the formats, for a command line that does not load the formats. */

/** Every format that SAEs are read from and written in. */
export const SAE_FORMAT_NAMES = [
  "saelens",
  "dictionary_learning",
  "sparsify",
  "gemma_scope",
  "gemma_scope_2",
  "openai",
  "concord",
] as const;

/** One of {@link SAE_FORMAT_NAMES}. */
export type SaeFormatName = (typeof SAE_FORMAT_NAMES)[number];
