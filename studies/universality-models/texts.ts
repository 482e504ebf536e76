/** @file Stories to train on, and stories that no SAE sees before it is compared. */

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ComputeContext, readDocuments, resolveText } from "../../src/index.ts";

/** Stories of each part. */
export const STORIES = { train: 200, compare: 60 } as const;

/** Writes the first stories of stories15m-samples, and those after them, into the cache. */
export async function splitStories({
  catalogue,
}: Pick<ComputeContext, "catalogue">): Promise<Record<keyof typeof STORIES, string>> {
  const [samples] = await resolveText("stories15m-samples", catalogue);
  const stories: string[] = [];
  for await (const story of readDocuments(samples!.path)) stories.push(story);
  const folder = join(catalogue.cacheDir, "studies", "universality-models");
  await mkdir(folder, { recursive: true });
  const paths = { train: join(folder, "train.jsonl"), compare: join(folder, "compare.jsonl") };
  const write = (path: string, some: readonly string[]) =>
    writeFile(path, some.map((text) => `${JSON.stringify({ text })}\n`).join(""));
  await write(paths.train, stories.slice(0, STORIES.train));
  await write(paths.compare, stories.slice(STORIES.train, STORIES.train + STORIES.compare));
  return paths;
}
