/** @file The architectures by name. */

import { expected } from "../errors.ts";
import type { Architecture } from "./architecture.ts";
import { relu } from "./architectures/relu.ts";
import { tiedRelu } from "./architectures/tied-relu.ts";
import { tiedTopk } from "./architectures/tied-topk.ts";
import { topk } from "./architectures/topk.ts";

/** All of them, the default first. */
export const ARCHITECTURES: readonly Architecture[] = [topk, tiedTopk, relu, tiedRelu];

/** @throws {ConcordError} listing the names that exist. */
export function architectureNamed(name: string): Architecture {
  const found = ARCHITECTURES.find((a) => a.name === name);
  if (!found) throw expected("architecture", ARCHITECTURES.map((a) => a.name).join(", "), name);
  return found;
}
