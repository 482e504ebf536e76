/**
 * @file The options of all architectures as keys of a population: snake_case names, descriptions
 *   with the architectures that listen, and defaults. Made from the architectures; nothing here
 *   knows one of them.
 */

import { z } from "zod";
import { camelKeys, snakeCase, snakeKeys } from "../formats/key-case.ts";
import type { OptionRecord, SaeShape } from "../sae/architecture.ts";
import {
  ARCHITECTURES,
  type ArchitectureOptions,
  type KnownOption,
  knownOptions,
} from "../sae/registry.ts";
import { grid } from "../sources/schema-parts.ts";

type Values = { readonly [key: string]: unknown };

/** An SAE of ordinary size, for defaults that depend on the shape. */
const SHAPE = { dIn: 1024, dSae: 4096 };

/** Keys of a population that are options of architectures: those that grids vary before lr. */
export const EARLY_KEYS: readonly string[] = keysWhere((isEarly) => isEarly);

/** The other keys that are options of architectures. */
export const LATE_KEYS: readonly string[] = keysWhere((isEarly) => !isEarly);

/** All keys that are options of architectures. */
export const OPTION_KEYS: readonly string[] = [...EARLY_KEYS, ...LATE_KEYS];

function keysWhere(wanted: (isEarly: boolean) => boolean): string[] {
  const chosen = [...knownOptions()].filter(([, { option }]) => wanted(option.isEarly === true));
  return chosen.map(([name]) => snakeCase(name));
}

/** A value as the docs show it: `0.001`, `none`, `on`. */
function shownDefault(value: unknown): string {
  if (typeof value === "object" && value !== null) return "on";
  return String(value);
}

/** What a key means, who listens to it, and its default. */
function describe(name: string, { option, architectures }: KnownOption): string {
  const isOfAll = architectures.length === ARCHITECTURES.length;
  const names = isOfAll ? "" : ` (${architectures.map((a) => a.name).join(", ")})`;
  const defaults = new Set(architectures.map((a) => shownDefault(a.defaults(SHAPE)[name])));
  const [only] = defaults;
  const initial = defaults.size === 1 ? only : "by architecture";
  return `${option.about}${names}; default ${initial}`;
}

/** A section of an option with snake_case keys: `false`, or an object with optional fields. */
function sectionOf(
  fields: Readonly<Record<string, z.ZodType>>,
  wrap: (field: z.ZodType) => z.ZodType,
): z.ZodType {
  const entries = Object.entries(fields).map(([name, field]) => [
    snakeCase(name),
    wrap(field).optional(),
  ]);
  return z.union([z.literal(false), z.strictObject(Object.fromEntries(entries))]);
}

type SnakeCase<S extends string> = S extends `${infer Head}${infer Rest}`
  ? `${Head extends Lowercase<Head> ? Head : `_${Lowercase<Head>}`}${SnakeCase<Rest>}`
  : S;

/** The name of an option in a config. */
type OptionKey = SnakeCase<Exclude<keyof ArchitectureOptions, keyof SaeShape>>;

/** Keys with the schemas that `make` gives them, each of which may be left out. */
function keysOf(
  make: (known: KnownOption) => z.ZodType,
  wrap: (described: z.ZodType) => z.ZodType,
): Record<OptionKey, z.ZodOptional<z.ZodType<unknown>>> {
  const entries = [...knownOptions()].map(([name, known]) => [
    snakeCase(name),
    wrap(make(known).describe(describe(name, known))).optional(),
  ]);
  return Object.fromEntries(entries);
}

/** The options as keys of one member. */
export function optionKeys() {
  return keysOf(
    ({ option }) => (option.fields ? sectionOf(option.fields, (field) => field) : option.schema),
    (described) => described,
  );
}

/** The options as keys of a population: they, and the fields inside them, may be lists. */
export function optionGrids() {
  return keysOf(
    ({ option }) => (option.fields ? sectionOf(option.fields, grid) : option.schema),
    grid,
  );
}

/** The options among a member's keys, by the names that architectures know them by. */
export function optionsAmong(values: Values): OptionRecord {
  const own = OPTION_KEYS.filter((key) => values[key] !== undefined);
  return camelKeys(Object.fromEntries(own.map((key) => [key, values[key]]))) as OptionRecord;
}

/** Options by the names that a config knows them by. */
export function asKeys(options: OptionRecord): Values {
  return snakeKeys(options) as Values;
}
