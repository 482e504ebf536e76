/** @file Values that a file keeps beside its tensors: each read, refused by name, or left over. */

import { FormatError } from "../errors.ts";
import { showNames } from "../formats/show-name.ts";
import { shown, unsupported } from "./json-fields.ts";

/** Texts, numbers and truth values by name. */
export type PlainValues = ReadonlyMap<string, string | number | boolean | null>;

/** Those of a file, to be taken one by one as {@link Weights} are. */
export class Settings {
  readonly #values: Map<string, unknown>;
  readonly #file: string;

  constructor(file: string, values: PlainValues) {
    this.#file = file;
    this.#values = new Map(values);
  }

  /** Undefined where the file does not have it. */
  take(name: string): unknown {
    const value = this.#values.get(name);
    this.#values.delete(name);
    return value;
  }

  /**
   * A value of the activation. `Autoencoder.state_dict()` keeps it twice.
   *
   * @throws {FormatError} when the two disagree.
   */
  ofActivation(name: string): unknown {
    const [first, second] = [`activation_state_dict.${name}`, `activation.${name}`];
    const [value, again] = [this.take(first), this.take(second)];
    if (value !== undefined && again !== undefined && value !== again)
      throw new FormatError(
        this.#file,
        `${first} ${shown(value)} and ${second} ${shown(again)} disagree.`,
      );
    return value ?? again;
  }

  /** A truth value, or `missing`. @throws {FormatError} for anything else. */
  flag(name: string, missing: boolean): boolean {
    const value = this.take(name) ?? missing;
    if (typeof value === "boolean") return value;
    throw unsupported(this.#file, name, value, "True and False are");
  }

  /** @throws {FormatError} naming values that nothing took: they may change what is computed. */
  requireAllTaken(): void {
    if (this.#values.size > 0)
      throw new FormatError(
        this.#file,
        `has values that are not known, and may change what the SAE computes: ${showNames([...this.#values.keys()])}.`,
        { hint: "Save autoencoder.state_dict() alone." },
      );
  }
}
