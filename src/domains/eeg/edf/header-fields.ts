/**
 * @file The fixed-width ASCII fields of an EDF header. Each is read with its name and byte offset,
 *   so that a complaint says exactly where the file is wrong. Deviations that leave the meaning
 *   clear become warnings (errors when strict).
 */

import { FormatError, messageOf } from "../../../errors.ts";

/** A departure from the specification that does not stop the file from being read. */
export interface EdfWarning {
  /** The header field or the part of the file, as error messages name it. */
  readonly field: string;
  /** Byte offset in the file. */
  readonly offset: number;
  readonly message: string;
  /**
   * True when it has no bearing on the samples: a foreign character in a text, a date that does not
   * exist.
   */
  readonly harmless?: true;
}

/**
 * Warnings kept per file; a broken file could otherwise produce one per record. The count goes on.
 */
const MAX_WARNINGS = 200;

/** Collects warnings, or throws the first one when `strict`. */
export class Complaints {
  readonly file: string;
  readonly strict: boolean;
  readonly warnings: EdfWarning[] = [];
  /** All warnings, including those beyond the first {@link MAX_WARNINGS}, which are not kept. */
  count = 0;

  constructor(file: string, strict: boolean) {
    this.file = file;
    this.strict = strict;
  }

  warn(field: string, offset: number, message: string, harmless = false): void {
    if (this.strict) throw this.error(field, offset, message, "Open without `strict` to read on.");
    this.count++;
    if (this.warnings.length >= MAX_WARNINGS) return;
    const warning = { field, offset, message };
    this.warnings.push(harmless ? { ...warning, harmless } : warning);
  }

  error(field: string, offset: number, message: string, hint?: string): FormatError {
    const where = `${this.file}: ${field} (byte ${offset})`;
    return new FormatError(where, message, hint === undefined ? {} : { hint });
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The text of a header field: UTF-8 where the bytes are that, else Latin-1. The specification
 * allows US-ASCII alone.
 */
export function decodeText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  }
}

/**
 * The bytes of a header field, in the encoding that {@link decodeText} finds in `before`; at most
 * `width`.
 */
export function encodeText(text: string, width: number, before: Uint8Array): Uint8Array {
  const own = decodeText(before);
  const isUtf8 = own.length < before.length;
  const out = new Uint8Array(width).fill(0x20);
  if (isUtf8) new TextEncoder().encodeInto(text, out);
  else for (let i = 0; i < Math.min(width, text.length); i++) out[i] = text.charCodeAt(i);
  return out;
}

/** Reads header fields one after the other. */
export class FieldReader {
  readonly #bytes: Uint8Array;
  readonly #complaints: Complaints;
  #position: number;

  constructor(bytes: Uint8Array, complaints: Complaints, position = 0) {
    this.#bytes = bytes;
    this.#complaints = complaints;
    this.#position = position;
  }

  get position(): number {
    return this.#position;
  }

  /**
   * The next `width` bytes as text without the padding. Bytes outside printable US-ASCII are a
   * warning.
   */
  text(field: string, width: number): string {
    const start = this.#position;
    const bytes = this.#bytes.subarray(start, start + width);
    this.#position += width;
    if (bytes.some((byte) => byte < 32 || byte > 126)) {
      const message = "expected printable US-ASCII (bytes 32 to 126).";
      this.#complaints.warn(field, start, message, true);
    }
    // Some writers pad with NUL instead of space.
    return decodeText(bytes).replace(/^[\0 ]+|[\0 ]+$/g, "");
  }

  /**
   * A decimal number.
   *
   * @throws {FormatError} when the field holds anything else, NaN and infinities included.
   */
  number(field: string, width: number): number {
    const start = this.#position;
    let text = this.text(field, width);
    if (/^[+-]?\d*,\d+$/.test(text)) {
      this.#complaints.warn(field, start, `expected a decimal point but found "${text}".`);
      text = text.replace(",", ".");
    }
    const wellFormed = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$/.test(text);
    const value = wellFormed ? Number(text) : Number.NaN;
    if (!Number.isFinite(value)) {
      throw this.#complaints.error(field, start, `expected a number but found "${text}".`);
    }
    return value;
  }

  /** A decimal number; NaN with a warning where {@link number} throws. */
  numberOrNaN(field: string, width: number): number {
    const start = this.#position;
    try {
      return this.number(field, width);
    } catch (error) {
      this.#complaints.warn(field, start, messageOf(error));
      return Number.NaN;
    }
  }

  /**
   * A whole number in [min, max].
   *
   * @throws {FormatError} otherwise.
   */
  integer(field: string, width: number, min: number, max: number): number {
    const start = this.#position;
    const value = this.number(field, width);
    if (!Number.isInteger(value) || value < min || value > max) {
      throw this.#complaints.error(
        field,
        start,
        `expected a whole number from ${min} to ${max} but found ${value}.`,
      );
    }
    return value;
  }
}
