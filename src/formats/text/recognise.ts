/**
 * @file What a file is by its first bytes, where that is not text: said by name, so that a person
 * knows what to do with it.
 */

import { FormatError } from "../../errors.ts";

interface Kind {
  readonly what: string;
  readonly hint: string;
  /** Bytes as Latin-1 characters, and where they stand. */
  readonly magic: readonly [at: number, bytes: string][];
}

const AS_TEXT = "Give text: .txt, .jsonl, .json or .parquet, also packed as .gz or .zst.";

const KINDS: readonly Kind[] = [
  {
    what: "a zip archive (.zip, .npz, .docx, or a checkpoint of PyTorch)",
    hint: "If it holds texts, unpack it (unzip) and name the files in it.",
    magic: [
      [0, "PK\x03\x04"],
      [0, "PK\x05\x06"],
    ],
  },
  {
    what: "a numpy array",
    hint: "A source of kind arrays reads activations from arrays; --text needs a text.",
    magic: [[0, "\x93NUMPY"]],
  },
  {
    what: "a tar archive",
    hint: "Unpack it (tar -xf) and name the files in it.",
    magic: [[257, "ustar"]],
  },
  {
    what: "packed by bzip2",
    hint: "Unpack it first (bunzip2), or compress it with gzip or zstd.",
    magic: [[0, "BZh"]],
  },
  {
    what: "packed by xz",
    hint: "Unpack it first (unxz), or compress it with gzip or zstd.",
    magic: [[0, "\xfd7zXZ\0"]],
  },
  {
    what: "packed by lz4",
    hint: "Unpack it first (unlz4), or compress it with gzip or zstd.",
    magic: [[0, "\x04\x22\x4d\x18"]],
  },
  {
    what: "a 7z archive",
    hint: "Unpack it and name the files in it.",
    magic: [[0, "7z\xbc\xaf\x27\x1c"]],
  },
  {
    what: "an Arrow file, as datasets.save_to_disk writes it",
    hint: "Write Parquet or JSON Lines instead: dataset.to_parquet(...) or dataset.to_json(...).",
    magic: [
      [0, "ARROW1"],
      [0, "\xff\xff\xff\xff"],
    ],
  },
  {
    what: "a git-lfs pointer",
    hint: "Fetch the file behind the pointer: git lfs pull.",
    magic: [[0, "version https://git-lfs"]],
  },
  { what: "a PDF", hint: AS_TEXT, magic: [[0, "%PDF-"]] },
  { what: "an HDF5 file", hint: AS_TEXT, magic: [[0, "\x89HDF\r\n\x1a\n"]] },
  { what: "an SQLite database", hint: AS_TEXT, magic: [[0, "SQLite format 3\0"]] },
  {
    what: "text in UTF-32",
    hint: "Convert it: iconv -f UTF-32 -t UTF-8 FILE.",
    magic: [
      [0, "\xff\xfe\0\0"],
      [0, "\0\0\xfe\xff"],
    ],
  },
];

/** Bytes of a file that `requireText` looks at. */
export const HEAD_BYTES = 512;

/** Whether a file begins as Parquet does. */
export function isParquet(head: Uint8Array): boolean {
  return Buffer.from(head.subarray(0, 4)).toString("latin1") === "PAR1";
}

/**
 * Refuses a file that is known not to be text.
 *
 * @param head The first `HEAD_BYTES` of the file, after unpacking.
 * @throws {FormatError} saying what it is and what to do.
 */
export function requireText(head: Uint8Array, path: string): void {
  const latin1 = Buffer.from(head.subarray(0, HEAD_BYTES)).toString("latin1");
  const kind = KINDS.find(({ magic }) => magic.some(([at, bytes]) => latin1.startsWith(bytes, at)));
  if (kind) throw new FormatError(path, `it is ${kind.what}, not text.`, { hint: kind.hint });
}
