/** @file Names of SAEs on the command line: folders, files, and names of the Hugging Face hub. */

import { saePath } from "../interchange/hub-sae.ts";
import { catalogueOptions, interruptSignal } from "./environment.ts";
import { CollectLine } from "./output.ts";

/** What turns a name into a path here; downloads are shown on standard error. */
export function saePaths(offline: boolean | undefined): (named: string) => Promise<string> {
  const line = new CollectLine(process.stderr, () => performance.now());
  const hub = catalogueOptions(offline, line.download, interruptSignal());
  return (named) => saePath(named, hub).finally(() => line.clear());
}
