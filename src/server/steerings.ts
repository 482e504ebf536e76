/** @file Models that are open for steering: a few, kept between requests, each asked in turn. */

import { domainOf } from "../domains/domains.ts";
import type {
  EffectRequest,
  Effects,
  Steered,
  Steering,
  SteeringContext,
  SteeringKind,
  SteeringRequest,
} from "../domains/steering.ts";
import type { SourceProvenance } from "../sources/source-kind.ts";
import { HttpFailure } from "./failure.ts";

/** Models that are open at a time: each may take gigabytes. */
const MOST_MODELS = 2;

/** Requests that may wait for their turn. */
const MOST_WAITING = 8;

/** The steering of a kind of rows; undefined where no model is behind them. */
export function steeringOf(provenance: SourceProvenance): SteeringKind | undefined {
  const steering = domainOf(provenance["kind"])?.steering;
  return steering?.applies(provenance) ? steering : undefined;
}

/** An answer, and which model gave it. */
export type Asked<T> = T & Pick<Steering, "model" | "hook">;

/** Models that stay open between requests. One text is written at a time. */
export class SteeringCache {
  readonly #context: SteeringContext;
  /** The one that was used last at the end. */
  readonly #open = new Map<string, Promise<Steering>>();
  #queue: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(context: SteeringContext) {
    this.#context = context;
  }

  /**
   * Continues a prompt with the model behind some rows.
   *
   * @throws {HttpFailure} 503 when too many wait; {ConcordError} of the model.
   */
  continue(
    kind: SteeringKind,
    provenance: SourceProvenance,
    request: SteeringRequest,
  ): Promise<Asked<Steered>> {
    return this.#ask(kind, provenance, (steering) => steering.continue(request));
  }

  /** Predicts a text with the model behind some rows. @throws As `continue`. */
  effects(
    kind: SteeringKind,
    provenance: SourceProvenance,
    request: EffectRequest,
  ): Promise<Asked<Effects>> {
    return this.#ask(kind, provenance, (steering) => steering.effects(request));
  }

  async #ask<T>(
    kind: SteeringKind,
    provenance: SourceProvenance,
    ask: (steering: Steering) => Promise<T>,
  ): Promise<Asked<T>> {
    if (this.#waiting >= MOST_WAITING)
      throw new HttpFailure(
        503,
        "server/busy",
        `${this.#waiting} texts are being written already.`,
        "Wait for them.",
      );
    return this.#inTurn(async () => {
      const steering = await this.#model(`${provenance["kind"]} ${kind.key(provenance)}`, () =>
        kind.open(provenance, this.#context),
      );
      const answer = await ask(steering);
      return { ...answer, model: steering.model, hook: steering.hook };
    });
  }

  /** Closes all models, when the text that is being written is done. */
  async close(): Promise<void> {
    await this.#inTurn(async () => {
      for (const key of this.#open.keys()) await this.#close(key);
    });
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    this.#waiting++;
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => undefined);
    try {
      return await done;
    } finally {
      this.#waiting--;
    }
  }

  async #model(key: string, open: () => Promise<Steering>): Promise<Steering> {
    const known = this.#open.get(key);
    this.#open.delete(key);
    const [oldest] = this.#open.keys();
    // The memory of the old one is free before the new one takes its own.
    if (known === undefined && oldest !== undefined && this.#open.size >= MOST_MODELS)
      await this.#close(oldest);
    const opening = known ?? open();
    this.#open.set(key, opening);
    try {
      return await opening;
    } catch (error) {
      this.#open.delete(key);
      throw error;
    }
  }

  async #close(key: string): Promise<void> {
    const opened = this.#open.get(key);
    this.#open.delete(key);
    await opened?.then((steering) => steering.close()).catch(() => undefined);
  }
}
