/**
 * @file What files of other formats begin with, and what to do with one: for who wanted an array of
 *   numbers, and for who wanted text.
 */

/** A format that is known by its first bytes. */
export interface Signature {
  /** With its article: "a tar archive". */
  readonly name: string;
  /** First bytes as Latin-1, and where they stand. */
  readonly magic: readonly (readonly [bytes: string, at?: number])[];
  /** How to get an array out of it, one sentence; none where numbers may begin so. */
  readonly asArray?: string;
  /** How to get text out of it, one sentence; none where text may begin so, or is read from it. */
  readonly asText?: string;
}

/** How arrays are saved. */
export const SAVE = "with numpy.save or safetensors.numpy.save_file";

export const UNPACK = "Unpack it first.";

/** Of something that Python reads. */
export const LOAD = `Load it in Python and save the array ${SAVE}.`;

const NOT_NUMBERS = "It holds no activations: check the path.";

const AS_TEXT = "Give text: .txt, .jsonl, .json or .parquet, also packed as .gz or .zst.";

const FROM_ARROW =
  "Write Parquet or JSON Lines instead: dataset.to_parquet(...) or dataset.to_json(...).";

const LFS = "Fetch the file behind the pointer: git lfs pull.";

const RECORDING = "Use it with source kind eeg.";

const packed = (how: string) => `Unpack it first (${how}), or compress it with gzip or zstd.`;

/**
 * Formats by their first bytes. Arrays, zips and pickles are recognised by more than that
 * (`file-kind.ts`).
 */
export const SIGNATURES: readonly Signature[] = [
  {
    name: "a zip archive (.zip, .npz, .docx, or a checkpoint of PyTorch)",
    magic: [["PK\x03\x04"], ["PK\x05\x06"]],
    asText: "If it holds texts, unpack it (unzip) and name the files in it.",
  },
  {
    name: "a numpy array",
    magic: [["\x93NUMPY"]],
    asText: "A source of kind arrays reads activations from arrays; --text needs a text.",
  },
  {
    name: "text in UTF-32",
    magic: [["\xff\xfe\0\0"], ["\0\0\xfe\xff"]],
    asText: "Convert it: iconv -f UTF-32 -t UTF-8 FILE.",
  },
  { name: "a gzip file", magic: [["\x1f\x8b\x08"]], asArray: UNPACK },
  { name: "a zstd file", magic: [["\x28\xb5\x2f\xfd"]], asArray: UNPACK },
  { name: "a bzip2 file", magic: [["BZh"]], asArray: UNPACK, asText: packed("bunzip2") },
  { name: "an xz file", magic: [["\xfd7zXZ\x00"]], asArray: UNPACK, asText: packed("unxz") },
  { name: "an LZ4 file", magic: [["\x04\x22\x4d\x18"]], asArray: UNPACK, asText: packed("unlz4") },
  {
    name: "a 7-Zip archive",
    magic: [["7z\xbc\xaf\x27\x1c"]],
    asArray: UNPACK,
    asText: "Unpack it and name the files in it.",
  },
  {
    name: "a tar archive",
    magic: [["ustar", 257]],
    asArray: UNPACK,
    asText: "Unpack it (tar -xf) and name the files in it.",
  },
  { name: "an HDF5 file", magic: [["\x89HDF\r\n\x1a\n"]], asArray: LOAD, asText: AS_TEXT },
  { name: "an HDF5 file of MATLAB", magic: [["\x89HDF\r\n\x1a\n", 512]], asArray: LOAD },
  { name: "a MATLAB file", magic: [["MATLAB "]], asArray: LOAD },
  { name: "a NetCDF file", magic: [["CDF\x01"], ["CDF\x02"]], asArray: LOAD, asText: AS_TEXT },
  { name: "a FITS file", magic: [["SIMPLE  ="]], asArray: LOAD },
  { name: "a Parquet file", magic: [["PAR1"]], asArray: LOAD },
  { name: "an Arrow file", magic: [["ARROW1"]], asArray: LOAD, asText: FROM_ARROW },
  {
    name: "an Arrow file, as datasets.save_to_disk writes it",
    magic: [["\xff\xff\xff\xff"]],
    asText: FROM_ARROW,
  },
  { name: "a Feather file", magic: [["FEA1"]], asArray: LOAD },
  { name: "an Avro file", magic: [["Obj\x01"]], asArray: LOAD, asText: AS_TEXT },
  { name: "an ORC file", magic: [["ORC"]], asArray: LOAD },
  {
    name: "an SQLite database",
    magic: [["SQLite format 3\x00"]],
    asArray: LOAD,
    asText: AS_TEXT,
  },
  { name: "an R data file", magic: [["RDX"]], asArray: LOAD },
  { name: "a GGUF model", magic: [["GGUF"]], asArray: NOT_NUMBERS },
  {
    name: "a PNG picture",
    magic: [["\x89PNG\r\n\x1a\n"]],
    asArray: NOT_NUMBERS,
    asText: AS_TEXT,
  },
  { name: "a JPEG picture", magic: [["\xff\xd8\xff"]], asArray: NOT_NUMBERS, asText: AS_TEXT },
  { name: "a GIF picture", magic: [["GIF8"]], asArray: NOT_NUMBERS },
  { name: "a TIFF picture", magic: [["II*\x00"], ["MM\x00*"]], asArray: LOAD, asText: AS_TEXT },
  { name: "a PDF document", magic: [["%PDF-"]], asArray: NOT_NUMBERS, asText: AS_TEXT },
  { name: "a RIFF file (sound or video)", magic: [["RIFF"]], asArray: LOAD },
  { name: "a program", magic: [["\x7fELF"]], asArray: NOT_NUMBERS, asText: AS_TEXT },
  { name: "an EDF recording", magic: [["0       "]], asArray: RECORDING },
  { name: "a BDF recording", magic: [["\xffBIOSEMI"]], asArray: RECORDING, asText: AS_TEXT },
  { name: "a git-lfs pointer", magic: [["version https://git-lfs"]], asArray: LFS, asText: LFS },
];

/** Whether bytes, as Latin-1, begin as a format does. */
export function isOfFormat(latin1: string, { magic }: Pick<Signature, "magic">): boolean {
  return magic.some(([bytes, at = 0]) => latin1.startsWith(bytes, at));
}
