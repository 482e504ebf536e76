/**
 * @file What a wing provides: a kind of data with everything that only it needs. The core knows
 *   wings by this contract and by the list in `domains.ts`; no wing knows another.
 */

import type { SourceConfigBase, SourceKind } from "../sources/source-kind.ts";

/** A kind of data. Everything beside the source is optional. */
export interface Domain<C extends SourceConfigBase = SourceConfigBase> extends SourceKind<C> {}
