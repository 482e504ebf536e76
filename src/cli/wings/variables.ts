/** @file The environment variables that only the verbs of wings read. */

export const WING_VARIABLES = {
  EEG_USERNAME: "User name of a dataset that needs an account, for `concord datasets get`",
  EEG_PASSWORD: "Its password; sent only to the dataset's own server, and never stored",
} as const;
