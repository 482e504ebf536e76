/** @file From the `source` of a config to a Source. */

import type { Config } from "../config/schema.ts";
import type { Domain } from "../domains/domain.ts";
import { domainOf } from "../domains/domains.ts";
import { ConfigError } from "../errors.ts";
import type { Source } from "../sources/source.ts";
import type { OpenSourceOptions } from "../sources/source-kind.ts";
import { readResidualSaes, residualSource } from "./residual-of.ts";

/** The kind of source that a config has. */
export function domainOfConfig({ source }: Pick<Config, "source">): Domain {
  const domain = domainOf(source.kind);
  if (domain) return domain;
  throw new ConfigError(`Expected a kind of source but received "${String(source.kind)}".`);
}

/** Keeps the seed of the order in the provenance, where the config gives one. */
function withOrderSeed(source: Source, { source: config }: Pick<Config, "source">): Source {
  if (!("orderSeed" in config) || config.orderSeed === undefined) return source;
  return { ...source, provenance: { ...source.provenance, orderSeed: config.orderSeed } };
}

/**
 * Opens the source of a run. What has to be collected first is collected into the cache, once. SAEs
 * of `source.residual_of` are read before, and their reconstructions taken off the rows.
 *
 * @throws {ConcordError} of the kind of source, and as `readResidualSaes`.
 */
export async function openSource(config: Config, options: OpenSourceOptions): Promise<Source> {
  const saes = await readResidualSaes(options.backend, config, options.baseFolder);
  const onWidth = saes.checking(options.onWidth);
  const context = { ...options, onWidth, seed: config.seed };
  const source = await domainOfConfig(config).open(config.source, context);
  try {
    onWidth(source.dIn);
    return await residualSource(options.backend, withOrderSeed(source, config), saes.all);
  } catch (error) {
    await source.close();
    throw error;
  }
}
