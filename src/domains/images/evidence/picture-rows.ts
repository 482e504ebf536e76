/** @file The pictures that examples show, kept beside the evidence, and read back. */

import { z } from "zod";
import { type Tensor, tensor } from "../../../base/tensor.ts";
import { FormatError } from "../../../errors.ts";
import { parseResult } from "../../../runs/parse-result.ts";
import type { RowDescriber, RowTensors } from "../../evidence-maker.ts";
import type { PictureSize } from "../pictures/picture-set.ts";
import { factsSchema, type KeptPictures } from "../source/kept-pictures.ts";
import { pictureSvg } from "./picture-svg.ts";
import { markedPlace, placeOf, placeWords, posesOf } from "./row-place.ts";

/** What is said of all rows once. */
const rowFacts = factsSchema
  .pick({ size: true, poses: true, positions: true, grid: true, group: true, classes: true })
  .extend({
    /** Rows of the store in front of those that were looked at. */
    first: z.number().int().min(0),
  });

type RowFacts = z.output<typeof rowFacts>;

/** The facts as they are kept: JSON under one name. */
export function keptFacts({ facts }: KeptPictures, first: number): Record<string, string> {
  const { size, poses, positions, grid, group, classes } = facts;
  const kept: RowFacts = { size, poses, positions, grid, group, classes, first };
  return { pictures: JSON.stringify(kept) };
}

/**
 * Tensors of the pictures of the rows that are shown:
 *
 *   pictures             [pictures], ascending: their numbers in the store
 *   pixels               [pictures, h, w, c], as they are kept there
 *   classes              [pictures], −1 where there are none
 *   name_start, names    the name of picture i from name_start[i] to name_start[i + 1], UTF-8
 */
export async function pictureTensors(
  shown: Int32Array,
  kept: KeptPictures,
  first: number,
): Promise<Map<string, Tensor>> {
  const { facts, classes } = kept;
  const numbers = [...new Set(Array.from(shown, (row) => placeOf(first + row, facts).picture))];
  const pictures = Int32Array.from(numbers);
  const names = numbers.map((picture) => Buffer.from(facts.names[picture]!, "utf8"));
  const start = new Int32Array(names.length + 1);
  for (const [i, name] of names.entries()) start[i + 1] = start[i]! + name.length;
  const text = Uint8Array.from(Buffer.concat(names));
  const classOf = pictures.map((picture) => classes?.of[picture] ?? -1);
  return new Map<string, Tensor>([
    ["pictures", tensor("int32", [pictures.length], pictures)],
    ["pixels", tensor("uint8", [pictures.length, ...facts.size], await kept.read(pictures))],
    ["classes", tensor("int32", [pictures.length], classOf)],
    ["name_start", tensor("int32", [start.length], start)],
    ["names", tensor("uint8", [text.length], text)],
  ]);
}

function readFacts(text: string | undefined): RowFacts {
  const where = "the file of rows";
  try {
    return parseResult(rowFacts, JSON.parse(text ?? "{}"), where);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new FormatError(where, `what it says of pictures is not JSON: ${error.message}.`);
  }
}

/**
 * Shows the pictures of rows; pixels are read on demand.
 *
 * @throws {FormatError} for a file whose facts are not those of pictures.
 */
export async function pictureRowDescriber(tensors: RowTensors): Promise<RowDescriber> {
  const facts = readFacts(tensors.facts["pictures"]);
  const data = async (name: string) => (await tensors.read(name)).data;
  const pictures = (await data("pictures")) as Int32Array;
  const classOf = (await data("classes")) as Int32Array;
  const start = (await data("name_start")) as Int32Array;
  const names = (await data("names")) as Uint8Array;
  const size = facts.size as PictureSize;
  const each = size[0] * size[1] * size[2];
  const place = new Map(Array.from(pictures, (picture, i) => [picture, i]));
  const moved = posesOf(facts);
  const nameOf = (i: number) =>
    Buffer.from(names.subarray(start[i]!, start[i + 1]!)).toString("utf8");
  return {
    async describe(row) {
      const from = placeOf(facts.first + row, facts);
      const group = facts.poses * facts.positions > 1 ? from.picture : null;
      const nowhere = { where: `held-out row ${row}`, group, pieces: [], peak: 0 };
      const i = place.get(from.picture);
      if (i === undefined) return nowhere;
      const name = facts.classes?.[classOf[i]!];
      const words = [
        nameOf(i),
        ...(name === undefined ? [] : [`class ${name}`]),
        ...[placeWords(from, facts)].filter((text) => text !== ""),
      ].join(", ");
      const values = await tensors.elements("pixels", i * each, each);
      const pixels = Uint8Array.from(values);
      const shown = moved ? moved(pixels, from.pose) : pixels;
      const svg = pictureSvg(shown, size, words, markedPlace(from, facts));
      return { ...nowhere, where: words, svg };
    },
    close: async () => undefined,
  };
}
