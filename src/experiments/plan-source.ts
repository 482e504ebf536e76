/** @file What a plan needs to know of a config's source, without collecting a single activation. */

import type { Config } from "../config/schema.ts";
import {
  factsOf,
  type OpenSourceOptions,
  type PlanSourceContext,
  type SourcePlan,
} from "../sources/source-kind.ts";
import { domainOfConfig, openSource } from "./open-source.ts";
import { readResidualSaes, residualBytes } from "./residual-of.ts";

/**
 * Learns what there is to know of a source. Activations that are not in the cache yet are made for
 * a few rows, to be timed; nothing is downloaded and nothing written.
 *
 * @throws {ConcordError} `file/missing` naming what is not on this machine.
 */
export async function planSource(
  config: Config,
  options: OpenSourceOptions & Pick<PlanSourceContext, "clock" | "residentMemory">,
): Promise<SourcePlan> {
  const offline = { ...options, catalogue: { ...options.catalogue, offline: true } };
  const open = () => openSource(config, offline);
  const domain = domainOfConfig(config);
  if (!domain.facts) {
    const source = await open();
    return { facts: factsOf(source), source, collect: undefined, store: undefined };
  }
  const { backend, baseFolder, onWidth } = options;
  const saes = await readResidualSaes(backend, config, baseFolder);
  const context = { ...offline, onWidth: saes.checking(onWidth), seed: config.seed };
  const plan = await domain.facts(config.source, context, open);
  saes.checking()(plan.facts.dIn);
  if (plan.source) return plan;
  // A source that is not open yet does not count what takes reconstructions off its rows.
  const memoryBytes = plan.facts.memoryBytes + residualBytes(backend, saes.all);
  return { ...plan, facts: { ...plan.facts, memoryBytes } };
}
