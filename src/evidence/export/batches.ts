/**
 * @file Features in files of JSON, `batch-0.json`, `batch-1.json` and so on, as two other programs
 *   read them. One feature at a time is in memory; each file is there whole or not at all.
 */

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { ConcordError } from "../../errors.ts";
import { writeFileAtomically } from "../../formats/atomic-file.ts";
import { ioError } from "../../formats/io-error.ts";
import { showName } from "../../formats/show-name.ts";
import type { LatentCard } from "../card.ts";
import type { ForeignSource } from "./foreign-source.ts";

/** What batches of features are for another program. */
export interface BatchFormat {
  readonly name: string;
  /** What a batch says before its features. */
  head(source: ForeignSource | undefined): object;
  /** A live latent; undefined for one without an example, where the program takes none of those. */
  feature(card: LatentCard, source: ForeignSource | undefined): object | undefined;
  /** A file that lists the dead latents, where the program reads one. */
  deadLatents?(
    source: ForeignSource | undefined,
    dead: readonly number[],
  ): { readonly name: string; readonly content: object };
  /** Fields that are null without a source. */
  readonly sourceFields: string;
  /** What of the evidence has no place in the format, and what the format asks for in vain. */
  readonly leftOut: readonly string[];
}

/** The batches of one member. */
export interface WrittenBatches {
  readonly files: readonly string[];
  /** Latents in them. */
  readonly latents: number;
  /** Sentences: what is not in them, and why. */
  readonly leftOut: readonly string[];
}

const encoder = new TextEncoder();

/** Readers take every batch of a folder, so those of two exports would be mixed. */
async function requireNoBatches(out: string): Promise<void> {
  const names = await readdir(out).catch((error: unknown) => {
    throw ioError(error, "list", out);
  });
  const batch = names.find((name) => /^batch-.*\.json$/.test(name));
  if (batch === undefined) return;
  throw new ConcordError("argument/invalid", `${showName(out)} has a batch already: ${batch}.`, {
    hint: "Choose another folder, or remove the batches that it has.",
  });
}

/** Other programs show tokens, and rows of other kinds have none. */
function requireText({ examples: { top, quantiles } }: LatentCard, format: string): void {
  const examples = [...top, ...quantiles.flatMap((group) => group.examples)];
  if (examples.length === 0 || examples.some(({ pieces }) => pieces.length > 0)) return;
  throw new ConcordError(
    "argument/invalid",
    `Expected rows of text for ${format}, but these rows have none.`,
    { hint: "Export them as csv." },
  );
}

/** Writes all features, `perBatch` to a file. @returns The files' paths. */
async function writeFeatures(
  out: string,
  head: object,
  features: AsyncIterator<object>,
  perBatch: number,
): Promise<string[]> {
  const files: string[] = [];
  let next = await features.next();
  async function* batch(): AsyncGenerator<Uint8Array> {
    yield encoder.encode(`${JSON.stringify(head).slice(0, -1)},"features":[`);
    for (let count = 0; count < perBatch && !next.done; count++) {
      yield encoder.encode(`${count === 0 ? "" : ","}\n${JSON.stringify(next.value)}`);
      next = await features.next();
    }
    yield encoder.encode("\n]}\n");
  }
  while (!next.done) {
    const path = join(out, `batch-${files.length}.json`);
    await writeFileAtomically(path, batch());
    files.push(path);
  }
  return files;
}

/** "3 latents were never active.", "1 latent was never active."; nothing for none. */
function counted(count: number, what: string): string[] {
  return count === 0 ? [] : [`${count} ${count === 1 ? "latent was" : "latents were"} ${what}.`];
}

/**
 * Writes live latents to batches in `out`, a folder without batches.
 *
 * @throws {ConcordError} `argument/invalid` for a folder that has batches, and for rows without
 *   text; `file/io`.
 */
export async function writeBatches(
  format: BatchFormat,
  cards: AsyncIterable<LatentCard>,
  out: string,
  source: ForeignSource | undefined,
  perBatch: number,
): Promise<WrittenBatches> {
  await requireNoBatches(out);
  const dead: number[] = [];
  let latents = 0;
  let withoutExample = 0;
  let logitsAbsent: string | undefined;
  async function* features(): AsyncGenerator<object> {
    for await (const card of cards) {
      if (card.dead) {
        dead.push(card.latent);
        continue;
      }
      if (latents + withoutExample === 0) requireText(card, format.name);
      if (card.logits === null) logitsAbsent ??= card.logits_absent ?? "the evidence has none.";
      const feature = format.feature(card, source);
      if (feature === undefined) withoutExample++;
      else {
        latents++;
        yield feature;
      }
    }
  }
  const files = await writeFeatures(out, format.head(source), features(), perBatch);
  const listed = format.deadLatents?.(source, dead);
  if (listed !== undefined) {
    files.push(join(out, listed.name));
    await writeFileAtomically(join(out, listed.name), `${JSON.stringify(listed.content)}\n`);
  }
  const unnamed = `${format.sourceFields} are null, because the export was not told them.`;
  const leftOut = [
    ...format.leftOut,
    ...(source ? [] : [unnamed]),
    ...(logitsAbsent === undefined ? [] : [`There are no logits: ${logitsAbsent}`]),
    ...counted(dead.length, "active in no row that was looked at"),
    ...counted(withoutExample, `left out for want of an example, which ${format.name} requires`),
  ];
  return { files, latents, leftOut };
}
