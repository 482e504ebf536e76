/**
 * @file What pictures add to the evidence of latents: the pictures themselves, and their classes.
 */

import { type EvidenceRows, heldOutRows } from "../../../evidence/evidence-rows.ts";
import { count } from "../../../figures/number-text.ts";
import type { Source } from "../../../sources/source.ts";
import type { DescribedMember, DomainEvidence, EvidenceMaker } from "../../evidence-maker.ts";
import {
  type KeptPictures,
  keptBytes,
  MOST_SHOWN_BYTES,
  openKeptPictures,
} from "../source/kept-pictures.ts";
import { classWords } from "./class-words.ts";
import { keptFacts, pictureTensors } from "./picture-rows.ts";
import { pictureStrip } from "./picture-strip.ts";
import { placeOf } from "./row-place.ts";

/** The most rows whose pictures fit into what a folder may keep of them. */
function fittingRows({ facts }: Pick<KeptPictures, "facts">): number {
  const pictures = Math.max(1, Math.floor(MOST_SHOWN_BYTES / keptBytes(1, facts.size)));
  return pictures * facts.poses * facts.positions;
}

class PictureEvidence implements EvidenceMaker {
  readonly rows: EvidenceRows;
  readonly facts: Readonly<Record<string, string>>;
  readonly leftOut: readonly string[];
  readonly #kept: KeptPictures;
  readonly #first: number;

  constructor(source: Source, kept: KeptPictures, first: number, most: number) {
    const fitting = fittingRows(kept);
    const rows = heldOutRows(source, Math.min(most, fitting));
    const pictureOf = (row: number) => placeOf(first + row, kept.facts).picture;
    const isGrouped = kept.facts.poses * kept.facts.positions > 1;
    this.rows = isGrouped
      ? { ...rows, groups: Int32Array.from({ length: rows.rows }, (_, row) => pictureOf(row)) }
      : rows;
    this.facts = keptFacts(kept, first);
    this.#kept = kept;
    this.#first = first;
    const classes = kept.classes?.names.length ?? 0;
    this.leftOut = [
      ...(fitting < Math.min(most, source.heldOut.rows)
        ? [`Only ${count(fitting)} rows are looked at: no more of their pictures could be kept.`]
        : []),
      ...(classes === 0 ? ["These pictures have no classes, so latents have no names."] : []),
      ...(classes === 1
        ? ["All pictures are of one class, so latents have no names by class."]
        : []),
    ];
  }

  rowTensors(shown: Int32Array) {
    return pictureTensors(shown, this.#kept, this.#first);
  }

  async describe({ sae, seen }: DescribedMember, pause: () => Promise<void>) {
    await pause();
    const { classes, facts } = this.#kept;
    if (!classes || classes.names.length < 2) {
      const nothing = { label: "", rules: [], logits: null };
      return { latents: Array.from({ length: sae.dSae }, () => nothing) };
    }
    const classOf = (row: number) => classes.of[placeOf(this.#first + row, facts).picture]!;
    return { latents: classWords(seen, classes, classOf, this.rows.rows) };
  }

  async strip(rows: readonly number[]) {
    const { facts } = this.#kept;
    const places = rows.map((row) => placeOf(this.#first + row, facts));
    const pixels = await this.#kept.read(places.map(({ picture }) => picture));
    return pictureStrip(pixels, places, facts);
  }

  async close() {
    await this.rows.close();
    await this.#kept.close();
  }
}

/**
 * Opens the rows to look at, of a source whose store has pictures.
 *
 * @returns Why nothing can be said of rows, where the store has none.
 */
export const makePictureEvidence: DomainEvidence["make"] = async (source, { most }) => {
  const { store } = source;
  const kept = store && (await openKeptPictures(store.folder));
  if (!kept) return { cannot: "Their store does not have the pictures that they are of." };
  return new PictureEvidence(source, kept, store.trainRows, most);
};
