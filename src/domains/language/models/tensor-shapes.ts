/**
 * @file What the tensors of an opened ONNX file look like, found by running it: exported graphs
 *   rarely declare the shapes of what is inside. Two small batches of different size tell the axes
 *   apart.
 */

import { ConcordError } from "../../../errors.ts";
import type { Feed, GraphSession } from "../../../inference/session.ts";
import type { BatchDemands } from "../text/portions.ts";
import type { TokenBatch } from "../text/token-batch.ts";
import type { HookDescription } from "./hooks.ts";
import { findLayout, showLayout, type TokenLayout, type TokenRectangle } from "./token-layout.ts";

/** How a graph is run for its shapes. */
export interface ShapeProbe {
  readonly demands: BatchDemands;
  /** Most positions in a window. */
  readonly contextLength: number;
  /** The graph cut to these tensors. */
  open(tensors: readonly string[]): Promise<GraphSession>;
  feeds(tokens: TokenBatch): Record<string, Feed>;
}

/** A tensor whose hook is not to be had, and why; or its layout. */
type Finding = TokenLayout | string;

const REAL_TYPES: readonly string[] = ["float32", "float16", "float64"];

/** Sizes of two batches, as different as the graph allows. */
function probeSizes(
  demands: BatchDemands,
  contextLength: number,
): [TokenRectangle, TokenRectangle] {
  const longest = demands.positions ?? Math.min(7, contextLength);
  const shorter = demands.positions ?? Math.max(1, Math.min(5, longest - 1));
  return [
    { batch: demands.batch ?? 2, positions: shorter },
    { batch: demands.batch ?? 3, positions: longest },
  ];
}

function zeros({ batch, positions }: TokenRectangle): TokenBatch {
  return { ids: new Int32Array(batch * positions), batch, positions };
}

/** Finds layouts by running, and remembers them. */
export class TensorShapes {
  readonly #probe: ShapeProbe;
  readonly #layouts = new Map<string, Promise<Finding>>();
  #demands: BatchDemands;

  constructor(probe: ShapeProbe) {
    this.#probe = probe;
    this.#demands = probe.demands;
  }

  /** What the graph demands, as far as it was declared or found. */
  get demands(): BatchDemands {
    return this.#demands;
  }

  /**
   * Layout of a tensor.
   *
   * @param name What the caller calls it, for the message.
   * @throws {ConcordError} `hook/missing` with the reason when it has no row per token.
   */
  async layoutOf(name: string, tensor: string): Promise<TokenLayout> {
    let found = this.#layouts.get(tensor);
    if (!found) {
      found = this.#find([tensor]).then((all) => all.get(tensor)!);
      this.#layouts.set(tensor, found);
      found.catch(() => this.#layouts.delete(tensor));
    }
    const finding = await found;
    if (typeof finding === "string")
      throw new ConcordError("hook/missing", `"${name}" cannot be a hook: ${finding}.`, {
        hint: "`concord models hooks` lists the tensors that have one row per token.",
      });
    return finding;
  }

  /**
   * Those of the tensors that have one row per token, with their widths.
   *
   * @param tensors Names, and the operator that makes each.
   */
  async describe(tensors: ReadonlyMap<string, string>): Promise<HookDescription[]> {
    const found = await this.#find([...tensors.keys()]);
    return [...found].flatMap(([name, layout]) =>
      typeof layout === "string"
        ? []
        : [
            {
              name,
              width: layout.width,
              meaning: `output of ${tensors.get(name)}, ${showLayout(layout)}`,
            },
          ],
    );
  }

  async #find(tensors: readonly string[]): Promise<Map<string, Finding>> {
    const session = await this.#probe.open(tensors);
    try {
      return await this.#observe(session, tensors, this.#demands);
    } catch (error) {
      // Graphs traced with one window often work with one window only, whatever they declare.
      const isFree = this.#demands.batch === undefined;
      if (!(error instanceof ConcordError && error.code === "backend/failed" && isFree))
        throw error;
      const one: BatchDemands = { ...this.#demands, batch: 1 };
      const found = await this.#observe(session, tensors, one).catch(() => {
        throw error;
      });
      this.#demands = one;
      return found;
    }
  }

  async #observe(
    session: GraphSession,
    tensors: readonly string[],
    demands: BatchDemands,
  ): Promise<Map<string, Finding>> {
    const [first, second] = probeSizes(demands, this.#probe.contextLength);
    const before = await session.shapes(this.#probe.feeds(zeros(first)));
    const after = await session.shapes(this.#probe.feeds(zeros(second)));
    return new Map(
      tensors.map((tensor) => {
        const one = before.get(tensor)!;
        if (!REAL_TYPES.includes(one.type))
          return [tensor, `it holds ${one.type}, not real numbers`];
        const { dims } = after.get(tensor)!;
        return [tensor, findLayout({ ...first, dims: one.dims }, { ...second, dims })];
      }),
    );
  }
}
