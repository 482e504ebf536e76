/** @file Evidence from rows that training never saw, where a kind of data brings nothing else. */

import type { EvidenceMaker, RowDescriber } from "../../domains/evidence-maker.ts";
import { heldOutRows } from "../../evidence/evidence-rows.ts";
import type { Source } from "../../sources/source.ts";

/** Looks at the first `most` held-out rows, which are numbers and nothing more. */
export function rowsAsNumbers(
  source: Pick<Source, "heldOut" | "dIn">,
  most: number,
): EvidenceMaker {
  return {
    rows: heldOutRows(source, most),
    facts: {},
    rowTensors: async () => new Map(),
    describe: async ({ sae }) => ({
      latents: Array.from({ length: sae.dSae }, () => ({ label: "", rules: [], logits: null })),
    }),
    close: async () => undefined,
  };
}

/** Says which row it is. */
export const numberedRows: RowDescriber = {
  describe: async (row) => ({ where: `held-out row ${row}`, group: null, pieces: [], peak: 0 }),
  close: async () => undefined,
};
