/** @file The tokens of rows, kept beside the evidence, and read back as the words of an example. */

import { type Tensor, tensor } from "../../../base/tensor.ts";
import type { RowDescriber, RowTensors } from "../../evidence-maker.ts";
import type { NumberedTokens } from "./numbered-tokens.ts";
import type { TokenRows } from "./token-rows.ts";

/**
 * Tensors of the rows:
 *
 *   tokens, groups, documents, positions   [rows]; tokens are numbers of `ids`
 *   ids, text_start, text                  id and text of each distinct token, UTF-8
 */
export function tokenRowTensors(
  { documents, positions, rows }: TokenRows,
  { ids, numbers, texts }: NumberedTokens,
): Map<string, Tensor> {
  const encoded = texts.map((text) => Buffer.from(text, "utf8"));
  const start = new Int32Array(texts.length + 1);
  for (const [i, { length }] of encoded.entries()) start[i + 1] = start[i]! + length;
  const int = (data: Int32Array) => tensor("int32", [data.length], data);
  const text = new Uint8Array(Buffer.concat(encoded));
  return new Map([
    ["tokens", int(numbers)],
    ["groups", int(rows.groups)],
    ["documents", int(documents)],
    ["positions", int(positions)],
    ["ids", int(Int32Array.from(ids))],
    ["text_start", int(start)],
    ["text", tensor("uint8", [text.length], text)],
  ]);
}

/** Reads the words around a row. Tokens of all rows are in memory, 16 bytes each. */
export async function tokenRowDescriber(tensors: RowTensors): Promise<RowDescriber> {
  const ints = async (name: string) => (await tensors.read(name)).data as Int32Array;
  const tokens = await ints("tokens");
  const groups = await ints("groups");
  const documents = await ints("documents");
  const positions = await ints("positions");
  const start = await ints("text_start");
  const bytes = Buffer.from((await tensors.read("text")).data as Uint8Array);
  const textOf = (token: number) => bytes.toString("utf8", start[token]!, start[token + 1]!);
  return {
    async describe(row, around) {
      const side = (around.length - 1) / 2;
      const pieces = [];
      let peak = 0;
      for (let at = Math.max(0, row - side); at <= row + side && at < tokens.length; at++) {
        if (groups[at] !== groups[row]) continue;
        if (at === row) peak = pieces.length;
        pieces.push({ text: textOf(tokens[at]!), value: around[at - row + side]! });
      }
      const group = documents[row]!;
      // A window may begin in the midst of a document: its tokens are counted from its own start.
      const where = `document ${group}, position ${positions[row]} in its window`;
      return { where, group, pieces, peak };
    },
    close: async () => undefined,
  };
}
