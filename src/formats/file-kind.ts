/**
 * @file What a file is by its first bytes, whatever it is called. So an archive or a picture is not
 *   read as numbers, and the message says what to do with it.
 */

import { isOfFormat, LOAD, SAVE, SIGNATURES, UNPACK } from "./signatures.ts";

/** Bytes that {@link fileKind} looks at; a file may have fewer. */
export const KIND_BYTES = 1024;

/** What a file is. */
export interface FileKind {
  /** `npy` and `safetensors` are read; anything else is not an array. */
  readonly format: "npy" | "safetensors" | "other";
  /** With its article, for messages: "a zip archive". */
  readonly name: string;
  /** How to get an array out of it, one sentence. */
  readonly hint: string;
}

const ZIP = "PK\x03\x04";

/**
 * Recognises a file.
 *
 * Raw numbers are what is left: undefined. None of the signatures is likely to begin an array of
 * floats by chance. Text counts only when a kilobyte (or the whole of a shorter file) has nothing
 * else.
 *
 * @param head The first {@link KIND_BYTES} bytes, or the whole file when it is shorter.
 * @param fileBytes Size of the whole file.
 */
export function fileKind(head: Uint8Array, fileBytes: number): FileKind | undefined {
  const text = Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString("latin1");
  if (text.startsWith("\x93NUMPY"))
    return { format: "npy", name: "a .npy array", hint: "Give it the ending .npy." };
  if (isSafetensors(text, head, fileBytes))
    return {
      format: "safetensors",
      name: "a .safetensors file",
      hint: "Give it the ending .safetensors.",
    };
  if (text.startsWith(ZIP) || text.startsWith("PK\x05\x06")) return zipKind(text);
  if (isPickle(text))
    return other("a pickle of Python (.pkl, or .pt of old PyTorch)", `It is never run. ${LOAD}`);
  for (const signature of SIGNATURES)
    if (signature.asArray !== undefined && isOfFormat(text, signature))
      return other(signature.name, signature.asArray);
  if (/^\s*<(!doctype|html|\?xml)/i.test(text))
    return other("a web page or XML", "Download the file itself; this may be an error page.");
  if (text.length > 0 && isText(head)) return other("text", textHint(text));
  return undefined;
}

function other(name: string, hint: string): FileKind {
  return { format: "other", name, hint };
}

/** Length field of a header that begins within the file, then the brace of its JSON. */
function isSafetensors(text: string, head: Uint8Array, fileBytes: number): boolean {
  if (head.byteLength < 10 || !/^\{\s*["}]/.test(text.slice(8))) return false;
  const length = new DataView(head.buffer, head.byteOffset, 8).getBigUint64(0, true);
  return length >= 2n && length <= BigInt(fileBytes - 8);
}

/** Which of the formats that are zips it is, by the name of the first file in it. */
function zipKind(text: string): FileKind {
  const name = text.slice(30, 30 + text.charCodeAt(26) + 256 * text.charCodeAt(27));
  if (name.endsWith(".npy"))
    return other(
      "an .npz, a zip of .npy arrays",
      "Save one array: numpy.save('x.npy', numpy.load('x.npz')['name']).",
    );
  if (/(^|\/)(data\.pkl|version|byteorder|\.format_version)$/.test(name))
    return other(
      "a PyTorch file (.pt)",
      "Load it with torch.load and save the tensor with safetensors.torch.save_file.",
    );
  return other("a zip archive", UNPACK);
}

/**
 * What pickles of tensors, arrays, lists and dictionaries begin with, after the protocol: a memo, a
 * class, a long.
 */
const PICKLE_OPCODES = ["c_", "cnumpy", "ctorch", "ccollections", "}q", "]q", "\x8a\x0al\xfc"];

/**
 * Protocol 2 to 5, then one of those, or the frame of protocol 4 and 5 with a length below 2⁵⁶.
 * Older ones have no number.
 */
function isPickle(text: string): boolean {
  if (/^c(numpy|torch|copy_?reg|collections)/.test(text)) return true;
  const protocol = text.charCodeAt(1);
  if (text[0] !== "\x80" || !(protocol >= 2 && protocol <= 5)) return false;
  const isFrame = text[2] === "\x95" && text[10] === "\x00";
  return isFrame || PICKLE_OPCODES.some((opcode) => text.startsWith(opcode, 2));
}

function textHint(text: string): string {
  if (/^[\s\d.,;eE+-]+$/.test(text))
    return `Numbers as text are not read: numpy.save("x.npy", numpy.loadtxt(...)).`;
  return `Activations are read from arrays: save them ${SAVE}.`;
}

/** Whether all bytes are those of UTF-8 text without control characters other than white space. */
function isText(head: Uint8Array): boolean {
  for (const byte of head) if (byte < 9 || (byte > 13 && byte < 32) || byte === 127) return false;
  // The last character may be cut in two.
  return !new TextDecoder().decode(head).slice(0, -1).includes("\ufffd");
}
