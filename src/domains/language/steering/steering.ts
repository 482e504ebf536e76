/** @file Steering a language model: for which runs it works. Models are loaded when used. */

import type { SourceProvenance } from "../../../sources/source-kind.ts";
import type { SteeringKind } from "../../steering.ts";

function modelAndHook({
  model,
  hook,
}: SourceProvenance): [model: string, hook: string] | undefined {
  return typeof model === "string" && typeof hook === "string" ? [model, hook] : undefined;
}

export const steering: SteeringKind = {
  applies: (provenance) => modelAndHook(provenance) !== undefined,
  key: (provenance) => JSON.stringify(modelAndHook(provenance)),
  async open(provenance, context) {
    const [model, hook] = modelAndHook(provenance)!;
    const { openSteering } = await import("./open-steering.ts");
    return openSteering(model, hook, context);
  },
};
