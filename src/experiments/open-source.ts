/** @file From the `source` of a config to a Source. */

import type { Config } from "../config/schema.ts";
import type { Domain } from "../domains/domain.ts";
import { domainOf } from "../domains/domains.ts";
import { ConfigError } from "../errors.ts";
import type { Source } from "../sources/source.ts";
import type { OpenSourceOptions } from "../sources/source-kind.ts";

/** The kind of source that a config has. */
export function domainOfConfig({ source }: Pick<Config, "source">): Domain {
  const domain = domainOf(source.kind);
  if (domain) return domain;
  throw new ConfigError(`Expected a kind of source but received "${String(source.kind)}".`);
}

/**
 * Opens the source of a run. What has to be collected first is collected into the cache, once.
 *
 * @throws {ConcordError} of the kind of source.
 */
export async function openSource(config: Config, options: OpenSourceOptions): Promise<Source> {
  return domainOfConfig(config).open(config.source, { ...options, seed: config.seed });
}
