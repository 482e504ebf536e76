/** @file concord lens: a prompt through the logit lens. */

import { logitLens } from "../../../../domains/language/causal/logit-lens.ts";
import { openModelByName } from "../../../../domains/language/models/open-by-name.ts";
import { catalogueOptions, interruptSignal, threadsFromEnvironment } from "../../../environment.ts";
import { CollectLine, short, table } from "../../../output.ts";
import { print } from "../../../print.ts";

export async function lens(
  name: string,
  { prompt, offline, json }: { prompt: string; offline?: boolean; json?: boolean },
): Promise<void> {
  const line = new CollectLine(process.stderr, () => performance.now());
  const catalogue = catalogueOptions(offline, line.download, interruptSignal());
  const named = await openModelByName(name, { catalogue, threads: threadsFromEnvironment() });
  try {
    const layers = await logitLens(named, prompt);
    line.clear();
    if (json) {
      const said = layers.map(({ hook, divergence, crossEntropy, tokens }) => {
        const loss = Number.isFinite(crossEntropy) ? crossEntropy : null;
        return { hook, kl: divergence, cross_entropy: loss, tokens };
      });
      return void print(`${JSON.stringify({ prompt, layers: said })}\n`);
    }
    const rows = layers.map(({ hook, divergence, crossEntropy, tokens }) => [
      hook,
      short(divergence),
      short(crossEntropy),
      tokens
        .map(({ token, probability }) => `${JSON.stringify(token)} ${short(probability)}`)
        .join("  "),
    ]);
    print(`${table(["layer", "KL, nats", "cross-entropy", "likeliest next tokens"], rows)}\n`);
  } finally {
    await named.model.close();
  }
}
