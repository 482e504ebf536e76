/**
 * @file The evidence of SAEs that no run of ours trained, or that are to be looked at on other
 *   rows: those of an activation store.
 */

import { basename, join } from "node:path";
import { openMaker } from "../../analyses/features/features.ts";
import { SUMMARY_FILE } from "../../analyses/features/files.ts";
import { type Gathered, gatherEvidence } from "../../analyses/features/gather.ts";
import type { Backend } from "../../backend/backend.ts";
import { dictionaryOf } from "../../consistency/matching/dictionary.ts";
import { domainOf } from "../../domains/domains.ts";
import { ConcordError, ShapeError } from "../../errors.ts";
import { writeFileAtomically } from "../../formats/atomic-file.ts";
import { makeFolder } from "../../formats/make-folder.ts";
import { writeSafetensors } from "../../formats/safetensors-file.ts";
import { showNames } from "../../formats/show-name.ts";
import { openStoreSource } from "../../sources/shards/shard-kind.ts";
import type { OpenSourceOptions } from "../../sources/source-kind.ts";
import type { OpenedSae } from "../compare/open-saes.ts";

/** How evidence is made outside a run. */
export interface FeaturesOfSaesOptions extends Omit<OpenSourceOptions, "backend"> {
  readonly rows: number;
  readonly around: number;
  readonly pause: () => Promise<void>;
  readonly onCompared: (done: number, total: number) => void;
  readonly onRows: (done: number, total: number) => void;
}

/** @throws {ShapeError} when an SAE is not for rows of this width. */
function requireWidth({ name, sae }: OpenedSae, dIn: number, store: string): void {
  if (sae.dIn === dIn) return;
  throw new ShapeError(name, `rows of d_in ${sae.dIn}`, `${store} with d_in ${dIn}`);
}

/** @throws {ConcordError} "argument/invalid" for an SAE of what other SAEs leave of rows. */
function requireWholeRows({ name, residualOf = [] }: OpenedSae): void {
  if (residualOf.length === 0) return;
  throw new ConcordError(
    "argument/invalid",
    `${name} encodes what ${showNames(residualOf.map(({ path }) => path))} leave of rows; a store has rows as they come.`,
    { hint: "Its run looks at the right rows: concord features <run>." },
  );
}

/** SAEs by names that can be names of files: the last parts of their own, numbered where equal. */
function fileNames(saes: readonly OpenedSae[]): string[] {
  const taken = new Set<string>();
  return saes.map(({ name }) => {
    const plain = basename(name).replace(/[^\w.-]+/g, "_");
    let own = plain;
    for (let i = 2; taken.has(own); i++) own = `${plain}-${i}`;
    taken.add(own);
    return own;
  });
}

/**
 * Looks at the latents of SAEs on the rows of a store, and writes a folder that `openEvidence`
 * reads.
 *
 * @param out Folder to be written.
 * @throws {ConcordError} of the store; "argument/invalid" for no SAEs, and for one of what others
 *   leave of rows; {ShapeError} for one of another d_in. Nothing is written then.
 */
export async function featuresOfSaes(
  backend: Backend,
  saes: readonly OpenedSae[],
  store: string,
  out: string,
  options: FeaturesOfSaesOptions,
): Promise<Gathered["summary"]> {
  const source = await openStoreSource(store, { ...options, backend });
  try {
    for (const sae of saes) {
      requireWidth(sae, source.dIn, store);
      requireWholeRows(sae);
    }
    if (saes.length === 0) throw new ConcordError("argument/invalid", "No SAEs to look at.");
    const names = fileNames(saes);
    const { maker, leftOut } = await openMaker(source, backend, options.rows);
    try {
      const opened = [];
      for (const [i, { sae }] of saes.entries()) {
        const dictionary = await dictionaryOf(backend, sae.decoder, sae.dSae, sae.dIn);
        opened.push({ name: names[i]!, sae, dictionary, setting: "" });
      }
      const { kind } = source.provenance;
      const gathered = await gatherEvidence({
        backend,
        saes: opened,
        maker,
        kind,
        unit: domainOf(kind)?.unit ?? "rows",
        around: options.around,
        seed: 0,
        known: [],
        leftOut,
        trueFeatures: undefined,
        pause: options.pause,
        onCompared: options.onCompared,
        onRows: options.onRows,
      });
      await writeEvidence(out, gathered);
      return gathered.summary;
    } finally {
      await maker.close();
    }
  } finally {
    await source.close();
  }
}

/** Writes a folder of evidence: tensors first, then the summary that speaks of them. */
export async function writeEvidence(out: string, { summary, files }: Gathered): Promise<void> {
  await makeFolder(out);
  for (const [name, { tensors, facts }] of files)
    await writeSafetensors(join(out, `${name}.safetensors`), tensors, facts);
  const json = `${JSON.stringify(summary, null, 2)}\n`;
  await writeFileAtomically(join(out, `${SUMMARY_FILE}.json`), json);
}
