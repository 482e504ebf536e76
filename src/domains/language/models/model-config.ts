/**
 * @file Reads a Hugging Face `config.json` field by field. A field may change the arithmetic in a
 *   way that the graph builders do not implement. That is an error that names it, never a silently
 *   different model.
 */

import { ConcordError, FormatError } from "../../../errors.ts";

/** What a family file asks of `config.json`. */
export class ModelConfig {
  readonly #fields: Readonly<Record<string, unknown>>;
  /** Path of the file, for messages. */
  readonly where: string;

  constructor(fields: Readonly<Record<string, unknown>>, where: string) {
    this.#fields = fields;
    this.where = where;
  }

  /** The raw value; null counts as absent, as it does in transformers. */
  raw(key: string): unknown {
    return this.#fields[key] ?? undefined;
  }

  /** A positive integer. */
  size(key: string, fallback?: number): number {
    const value = this.#defined(key, fallback, "a positive integer");
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 1)
      throw this.#invalid(key, "a positive integer", value);
    return value;
  }

  /** A finite number. */
  number(key: string, fallback?: number): number {
    const value = this.#defined(key, fallback, "a number");
    if (typeof value !== "number" || !Number.isFinite(value))
      throw this.#invalid(key, "a number", value);
    return value;
  }

  /**
   * A positive number, or undefined where the config says null. A key that is absent has the
   * fallback, because null switches off what is on by default.
   */
  positiveOrNull(key: string, fallback?: number): number | undefined {
    if (this.#fields[key] === null) return undefined;
    const value = fallback === undefined ? this.raw(key) : this.number(key, fallback);
    if (value === undefined) return undefined;
    if (typeof value !== "number" || !Number.isFinite(value) || value <= 0)
      throw this.#invalid(key, "a positive number or null", value);
    return value;
  }

  /** As {@link positiveOrNull}, of integers. */
  sizeOrNull(key: string, fallback?: number): number | undefined {
    const value = this.positiveOrNull(key, fallback);
    if (value !== undefined && !Number.isSafeInteger(value))
      throw this.#invalid(key, "a positive integer or null", value);
    return value;
  }

  boolean(key: string, fallback: boolean): boolean {
    const value = this.raw(key) ?? fallback;
    if (typeof value !== "boolean") throw this.#invalid(key, "true or false", value);
    return value;
  }

  string(key: string, fallback?: string): string {
    const value = this.#defined(key, fallback, "text");
    if (typeof value !== "string") throw this.#invalid(key, "text", value);
    return value;
  }

  /** Refuses the model when `key` is there and has any other value than `implemented`. */
  only(key: string, implemented: unknown): void {
    const value = this.raw(key);
    if (value !== undefined && value !== implemented)
      throw this.unsupported(key, `only ${JSON.stringify(implemented)} is implemented`);
  }

  /** The error for a value that means arithmetic we do not have. */
  unsupported(key: string, reason: string): ConcordError {
    const shown = JSON.stringify(this.#fields[key])?.slice(0, 120) ?? "not set";
    return new ConcordError(
      "model/unsupported",
      `${this.where}: "${key}" is ${shown}, but ${reason}.`,
    );
  }

  #defined(key: string, fallback: unknown, rule: string): unknown {
    const value = this.raw(key) ?? fallback;
    if (value === undefined)
      throw new FormatError(this.where, `"${key}" is missing; expected ${rule}`);
    return value;
  }

  #invalid(key: string, rule: string, value: unknown): FormatError {
    return new FormatError(
      this.where,
      `expected ${rule} for "${key}" but found ${JSON.stringify(value)?.slice(0, 120)}`,
    );
  }
}
