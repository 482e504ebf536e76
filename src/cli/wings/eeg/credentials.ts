/** @file The account of a dataset, from the environment. */

import type { Credentials } from "../../../fetch/http/credentials.ts";
import { variable } from "../../variables.ts";

/**
 * EEG_USERNAME and EEG_PASSWORD, for datasets that need an account; undefined unless both are set.
 */
export function datasetCredentials(): Credentials | undefined {
  const [user, password] = [variable("EEG_USERNAME"), variable("EEG_PASSWORD")];
  return user && password ? { user, password } : undefined;
}
