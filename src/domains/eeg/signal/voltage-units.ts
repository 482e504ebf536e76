/**
 * @file What the unit of a voltage means, however a recorder spells it and in whatever encoding its
 *   µ was written.
 */

/** µV per unit, by what stands before "V". */
const MICROVOLTS: ReadonlyMap<string, number> = new Map([
  ["", 1e6],
  ["m", 1e3],
  ["milli", 1e3],
  ["u", 1],
  ["μ", 1],
  ["micro", 1],
  // A Russian µ (mk), a typist's (mc), and one that a conversion to ASCII has lost.
  ["mk", 1],
  ["mc", 1],
  ["?", 1],
  ["n", 1e-3],
  ["nano", 1e-3],
]);

/** Cyrillic letters of volts, millivolts and microvolts. */
const CYRILLIC: Readonly<Record<string, string>> = { в: "v", м: "m", к: "k" };

/**
 * µV per unit of a channel.
 *
 * Capitals, blanks, brackets and full stops do not matter, and "microvolts" may be cut to the eight
 * characters of the field. Of the prefixes of units µ alone is not an ASCII letter. So anything
 * else before "V" is a µ in another encoding: E6 in code page 437, 83 CA in Shift-JIS, A6 CC in
 * EUC-JP and GBK, A3 67 in Big5 …
 *
 * @param unit As decoded from UTF-8 or, failing that, Latin-1. Files that give no unit mean µV.
 * @returns undefined for other quantities.
 */
export function microvoltsPer(unit: string): number | undefined {
  const text = unit
    .normalize("NFKC")
    .toLowerCase()
    // UTF-16 has a NUL after every letter.
    .replace(/[\s\0()[\]{}.]/g, "")
    .replace(/[вмк]/g, (letter) => CYRILLIC[letter]!);
  if (text === "" || text === "u" || text === "μ") return 1;
  const prefix = /^(.*?)[-_]?v(o|ol|olt|olts)?$/.exec(text)?.[1];
  if (prefix === undefined) return undefined;
  const isForeign = prefix.length <= 4 && /^[^ -~]/.test(prefix);
  return MICROVOLTS.get(prefix) ?? (isForeign ? 1 : undefined);
}
