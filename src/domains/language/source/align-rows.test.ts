import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { TYPESCRIPT_KERNELS } from "../../../sources/rows/row-kernels.ts";
import { openShardWriter } from "../../../sources/shards/shard-writer.ts";
import { countRows, packDocuments } from "../text/packing.ts";
import type { TextTokenizer } from "../text/tokenizer.ts";
import { alignedEnds } from "./align-rows.ts";
import { openStoreTokens } from "./store-tokens.ts";
import { TokenCounter, tokenEnds } from "./token-ends.ts";
import { describeTokenFile, tokenFilePieces } from "./token-file.ts";

const TEXTS = ["The cat sat, déjà “vu”.", " A  cat\n\nran 10 miles!", "“No,” she said. 🐈 came."];
/** Ids below are special. */
const FIRST = 10;

type Fake = Pick<TextTokenizer, "encode" | "decode">;

/** Every byte is a token, so that characters come in parts. */
const bytes: Fake = {
  encode: (text) => Int32Array.from(Buffer.from(text, "utf8"), (byte) => FIRST + byte),
  decode: (ids) => Buffer.from(Array.from(ids, (id) => id - FIRST)).toString("utf8"),
};

/** Lower-case pieces of at most three letters, joined as BERT's are, without accents. */
function wordPieces(): Fake {
  const pieces: string[] = [];
  const idOf = (piece: string) => {
    if (!pieces.includes(piece)) pieces.push(piece);
    return FIRST + pieces.indexOf(piece);
  };
  return {
    encode(text) {
      const plain = text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");
      const words = plain.match(/\p{L}+|\p{N}+|[^\s\p{L}\p{N}]/gu) ?? [];
      const cut = (word: string) =>
        (word.match(/.{1,3}/gu) ?? []).map((piece, i) => idOf(i === 0 ? piece : `##${piece}`));
      return Int32Array.from(words.flatMap(cut));
    },
    decode: (ids) =>
      Array.from(ids, (id) => pieces[id - FIRST]!).reduce(
        (text, piece) =>
          text === "" ? piece : piece.startsWith("##") ? text + piece.slice(2) : `${text} ${piece}`,
        "",
      ),
  };
}

/** A store of the texts' tokens, in windows so short that documents go on in the next. */
async function endsIn(tokenizer: Fake, mode: "packed" | "documents", texts = TEXTS) {
  const ids = texts.map((text) => tokenizer.encode(text));
  const packed = await packDocuments(ids, {
    contextLength: 8,
    separatorId: 1,
    remainder: "keep",
    mode,
  });
  const stored = { packed, skipSpecial: true };
  const described = await describeTokenFile(stored, TYPESCRIPT_KERNELS);
  const folder = temporaryFolder();
  const writer = await openShardWriter({
    folder,
    dIn: 2,
    dtype: "float32",
    provenance: { kind: "language_model" },
    tokens: { described, pieces: () => tokenFilePieces(stored) },
  });
  await writer.append(new Float32Array(2 * countRows(packed, true)));
  await writer.finish();
  const store = await openStoreTokens(folder);
  const ends = await tokenEnds(store, new TokenCounter(tokenizer as TextTokenizer));
  await store.close();
  return { ...ends, tokens: ids.flatMap((own) => [...own]), ids };
}

/** The text of a document up to a row, as both tokenizers keep it. */
function textBefore(
  tokenizer: Fake,
  { ids, documents }: Awaited<ReturnType<typeof endsIn>>,
  row: number,
) {
  const document = documents[row]!;
  const first = documents.indexOf(document);
  const text = tokenizer.decode(ids[document]!.slice(0, row - first + 1));
  return text
    .toLowerCase()
    .normalize("NFD")
    .replace(/[\s\p{M}]/gu, "");
}

describe.each(["packed", "documents"] as const)("%s", (mode) => {
  test("rows are aligned where tokens of both end, and nowhere else", async () => {
    const pieces = wordPieces();
    const [a, b] = [await endsIn(bytes, mode), await endsIn(pieces, mode)];
    expect([...a.lengths]).toEqual([...b.lengths]);
    const [ofA, ofB] = alignedEnds([a, b], new Set(a.lengths.keys())) as [Int32Array, Int32Array];
    // Bytes end wherever pieces do.
    expect([...ofB]).toEqual([...b.ends.keys()]);
    for (const [i, row] of ofA.entries()) {
      expect(a.documents[row]).toBe(b.documents[ofB[i]!]);
      expect(textBefore(bytes, a, row)).toBe(textBefore(pieces, b, ofB[i]!));
    }
  });

  test("tokens do not end inside a character, nor with white space", async () => {
    const { ends, tokens } = await endsIn(bytes, mode);
    const isEnd = [...ends].map((end) => end >= 0);
    expect(tokens.filter((id, i) => id - FIRST === 0x20 && isEnd[i])).toEqual([]);
    const [quote] = TEXTS.map((text) => Buffer.from(text).indexOf(Buffer.from("“")));
    expect(isEnd.slice(quote, quote! + 3)).toEqual([false, false, true]);
  });
});

test("a document that one store has less of is left out", async () => {
  const whole = await endsIn(bytes, "packed");
  const cut = await endsIn(wordPieces(), "packed", [TEXTS[0]!, TEXTS[1]!, "“No,” she"]);
  expect(cut.lengths.get(1)).toBe(whole.lengths.get(1));
  expect(cut.lengths.get(2)).not.toBe(whole.lengths.get(2));
  const [ofA] = alignedEnds([whole, cut], new Set([0, 1]));
  expect(Math.max(...[...ofA!].map((row) => whole.documents[row]!))).toBe(1);
});
