/**
 * @file What a wing provides: a kind of data with everything that only it needs. The core knows
 *   wings by this contract and by the list in `domains.ts`; no wing knows another.
 */

import type { Markup } from "../figures/html/html.ts";
import type { Metric } from "../metrics/metric.ts";
import type { SourceConfigBase, SourceKind, SourceProvenance } from "../sources/source-kind.ts";
import type { Analysis } from "./analysis.ts";
import type { DomainEvidence } from "./evidence-maker.ts";
import type { SteeringKind } from "./steering.ts";

/** A kind of data. Everything except the source is optional. */
export interface Domain<C extends SourceConfigBase = SourceConfigBase> extends SourceKind<C> {
  /** What can be found out about members that were trained on such rows, and nothing else. */
  readonly analyses?: readonly Analysis[];
  /** What it adds to the evidence of latents. */
  readonly evidence?: DomainEvidence;
  /** Metrics that only such rows have. */
  readonly metrics?: readonly Metric[];
  /** Verbs of the command line that are about such data; `src/cli/wings/` has them. */
  readonly verbs?: readonly string[];
  /** Turning latents up in the model that the rows come from. */
  readonly steering?: SteeringKind;
  /**
   * What a report shows of where the rows come from.
   *
   * @returns The figure or table, and the keys of the provenance that it stands for; undefined when
   *   the provenance has nothing of the kind.
   */
  figures?(
    provenance: SourceProvenance,
  ): { readonly markup: Markup; readonly keys: readonly string[] } | undefined;
}
