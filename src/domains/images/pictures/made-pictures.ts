/** @file Pictures that are drawn as they are read. */

import { ConfigError } from "../../../errors.ts";
import type { MadeLabels, PictureMaker } from "../made.ts";
import { MAKERS } from "../makers.ts";
import { pictureRuns } from "./picture-runs.ts";
import { type PictureSet, type PictureSize, pictureBytes } from "./picture-set.ts";

/** Which pictures a config has made. */
export interface MadeConfig {
  readonly made: string;
  readonly count: number;
  readonly size: number;
  readonly seed: number;
}

/**
 * The program that draws them.
 *
 * @throws {ConfigError} for a size that it does not draw, or fewer pictures than the least.
 */
export function makerOf({ made, size }: MadeConfig): PictureMaker {
  const maker = MAKERS.find(({ name }) => name === made)!;
  const { from, to } = maker.sizes;
  if (size >= from && size <= to) return maker;
  throw new ConfigError(`source.pictures.size is ${size}; ${made} are drawn at ${from} to ${to}.`);
}

/** Pictures that are drawn at a time where only their labels are wanted. */
const AT_ONCE = 64;

/** The classes and tasks of a whole set. */
async function labelsOf(maker: PictureMaker, config: MadeConfig): Promise<MadeLabels> {
  const { count } = config;
  if (maker.labels) return maker.labels({ ...config, first: 0, n: count });
  const parts: MadeLabels[] = [];
  for (let first = 0; first < count; first += AT_ONCE) {
    const { classes, tasks } = await maker.make({
      ...config,
      first,
      n: Math.min(AT_ONCE, count - first),
    });
    parts.push({ ...(classes && { classes }), ...(tasks && { tasks }) });
  }
  const [{ classes, tasks } = {}] = parts;
  const joined = parts.flatMap((part) => Array.from(part.classes?.of ?? []));
  return {
    ...(classes && { classes: { names: classes.names, of: Int32Array.from(joined) } }),
    ...(tasks && {
      tasks: tasks.map(({ name, kind }, i) => ({
        name,
        kind,
        labels: Uint8Array.from(parts.flatMap((part) => Array.from(part.tasks![i]!.labels))),
      })),
    }),
  };
}

/** Opens the pictures that a config has made. @throws {ConfigError} as `makerOf`. */
export async function openMade(config: MadeConfig): Promise<PictureSet> {
  const maker = makerOf(config);
  const size: PictureSize = [config.size, config.size, maker.channels];
  const make = (first: number, n: number) => maker.make({ ...config, first, n });
  const labels = await labelsOf(maker, config);
  const each = pictureBytes(size);
  return {
    count: config.count,
    size,
    name: (picture) => `${maker.name} picture ${picture}`,
    ...labels,
    memoryBytes: 0,
    async read(pictures) {
      const out = new Uint8Array(pictures.length * each);
      for (const { first, n, at } of pictureRuns(pictures))
        out.set((await make(first, n)).pixels, at * each);
      return out;
    },
    close: async () => undefined,
  };
}
