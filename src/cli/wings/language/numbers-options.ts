/** @file Numbers of the command line, as verbs of this wing read them. */

import { InvalidArgumentError } from "commander";

/** A share, 0 to 1. */
export function share(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= 0 && value <= 1))
    throw new InvalidArgumentError("Expected a number from 0 to 1.");
  return value;
}

/** A seed. */
export function seed(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value))
    throw new InvalidArgumentError("Expected a whole number of at least 0.");
  return value;
}

/** Whole numbers of at least 1, one after another. */
export function counts(text: string, before: readonly number[] | undefined): readonly number[] {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1)
    throw new InvalidArgumentError("Expected a whole number of at least 1.");
  return [...(before ?? []), value];
}

/** Numbers of latents, one after another. */
export function latentNumbers(
  text: string,
  before: readonly number[] | undefined,
): readonly number[] {
  return [...(before ?? []), seed(text)];
}
