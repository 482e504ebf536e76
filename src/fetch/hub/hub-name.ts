/**
 * @file Names of the Hugging Face hub, and where in the cache such a thing lies. A name is
 *   `hf:org/name/path`, at a revision `hf:org/name@revision/path` or `hf:org/name/path@revision`.
 */

import { join } from "node:path";
import type { HubRepository } from "./hub-file.ts";

/** What a name of the hub stands for. */
export interface HubName {
  readonly repository: HubRepository;
  /** In the repository, without slashes at its ends; "" for all of it. */
  readonly path: string;
}

export const HUB_PREFIX = "hf:";

const NAME = /^hf:(\w[\w.-]*\/\w[\w.-]*)(?:@([^/@]+))?(?:\/([^@]*))?(?:@([^@]+))?$/;

/** Whether a name is one of the hub. */
export function isHubName(name: string): boolean {
  return name.startsWith(HUB_PREFIX);
}

/** The parts of a name; undefined when it is malformed. */
export function parseHubName(name: string): HubName | undefined {
  const [, id, first, path = "", last] = NAME.exec(name) ?? [];
  const inside = path.replace(/\/+$/, "");
  const isPath = inside === "" || inside.split("/").every((part) => !/^\.{0,2}$/.test(part));
  if (id === undefined || !isPath || (first !== undefined && last !== undefined)) return undefined;
  return { repository: { id, revision: first ?? last ?? "main" }, path: inside };
}

/** A folder for it below one of the cache, the same for no two names. */
export function hubCacheFolder(parent: string, { repository, path }: HubName): string {
  const { id, revision } = repository;
  const at = revision === "main" ? "" : `@${encodeURIComponent(revision)}`;
  return join(parent, `${id.replace("/", "--")}${at}`, encodeURIComponent(`/${path}`));
}
