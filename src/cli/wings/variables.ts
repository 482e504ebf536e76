/** @file The environment variables that only the verbs of wings read. */

export const WING_VARIABLES = {
  CONCORD_LLM_KEY:
    "Key of the endpoint that `concord interpret --endpoint` asks; sent to that server alone, and never stored",
  EEG_USERNAME: "User name of a dataset that needs an account, for `concord datasets get`",
  EEG_PASSWORD: "Its password; sent only to the dataset's own server, and never stored",
} as const;
