/** @file `source.kind: shards`: an activation store, whatever its rows are of. */

import { resolve } from "node:path";
import { z } from "zod";
import { given } from "../../base/given.ts";
import { type CamelKeys, camelKeys } from "../../formats/key-case.ts";
import { groupOf, orbitKeys } from "../orbit/orbit-keys.ts";
import { withOrbits } from "../orbit/orbit-symmetry.ts";
import {
  bufferBytes,
  draw,
  heldOutKeys,
  normalize,
  orderSeed,
  residualOf,
  skipNonFinite,
  sourceSeed,
} from "../schema-parts.ts";
import type { Source } from "../source.ts";
import {
  describePath,
  fileRowsOptions,
  type OpenSourceOptions,
  type SourceKind,
} from "../source-kind.ts";
import { openShardSource, storeBehind } from "./shard-source.ts";

const shardSource = z.strictObject({
  kind: z.literal("shards").describe("An activation store"),
  path: z.string().describe("Folder written by concord collect; relative to the config file"),
  skip_non_finite: skipNonFinite,
  ...heldOutKeys,
  buffer_bytes: bufferBytes,
  normalize,
  residual_of: residualOf,
  seed: sourceSeed,
  order_seed: orderSeed,
  draw,
  orbit: orbitKeys,
});

/** The `source` of a config with a store. */
type ShardConfig = CamelKeys<z.output<typeof shardSource>>;

export const shards = {
  kind: "shards",
  schema: shardSource,
  // A list of stores, which are read one at a time, is an axis of a sweep.
  listKeys: ["orbit.generators"],
  unit: "activations",
  async open(source, context) {
    const folder = resolve(context.baseFolder, source.path);
    const { skipNonFinite, orbit } = source;
    const orbitSize = orbit && groupOf(orbit).size;
    const opened = await openShardSource(
      given({ folder, skipNonFinite, orbitSize, ...fileRowsOptions(source, context) }),
    );
    const stored = { ...opened, store: storeBehind(folder, opened, context) };
    return orbit ? withOrbits(stored, orbit, context) : stored;
  },
  describe: describePath,
} as const satisfies SourceKind<ShardConfig>;

/**
 * Opens a store without a config, with the defaults of one.
 *
 * @throws {ConcordError} of opening the store.
 */
export function openStoreSource(path: string, options: OpenSourceOptions): Promise<Source> {
  const config = camelKeys(shardSource.parse({ kind: "shards", path }));
  return shards.open(config as ShardConfig, { ...options, seed: 0 });
}
