/** @file A server over a folder of runs for one test, and requests to it. */

import { mkdirSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type ServeOptions, startServer } from "../../src/server/server.ts";
import { reference } from "./backends.ts";
import { smallEvidence, smallSummary } from "./evidence/made-evidence.ts";

/** What came back. */
export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The body of an answer that is JSON. */
  readonly json: Record<string, unknown>;
}

/** A server with the address of its routes. */
export interface Serving {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
  /** @param path `/api/runs`; sent as it is. */
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Answered>;
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Answered>;
}

function send(
  port: number,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body?: string,
): Promise<Answered> {
  return new Promise((settle, fail) => {
    const sent = request(
      { host: "127.0.0.1", port, method, path, headers, agent: false },
      (got) => {
        let text = "";
        got.setEncoding("utf8").on("data", (piece: string) => {
          text += piece;
        });
        got.on("error", fail);
        got.on("end", () => {
          const isJson = /^application\/json/.test(got.headers["content-type"] ?? "");
          const json = isJson ? (JSON.parse(text) as Record<string, unknown>) : {};
          settle({ status: got.statusCode ?? 0, headers: got.headers, text, json });
        });
      },
    );
    sent.on("error", fail);
    sent.end(body);
  });
}

/** Serves `folder` on a free port until the test has finished. */
export async function serving(
  folder: string,
  change: Partial<ServeOptions> = {},
): Promise<Serving> {
  const server = await startServer({
    folder,
    port: 0,
    openEvidence: async () => smallEvidence(),
    pageFolder: join(folder, "no-page"),
    steering: { catalogue: { cacheDir: folder, offline: true }, threads: 1 },
    openBackend: () => reference,
    isAlive: () => true,
    version: "0.0.0",
    now: () => new Date(0),
    clock: () => 0,
    onDefect: (error) => {
      throw error;
    },
    pollMs: 5,
    ...change,
  });
  let isOpen = true;
  const close = async () => {
    if (isOpen) await server.close();
    isOpen = false;
  };
  onTestFinished(close);
  return {
    url: server.url,
    port: server.port,
    close,
    get: (path, headers = {}) => send(server.port, "GET", path, headers),
    post: (path, body, headers = {}) =>
      send(
        server.port,
        "POST",
        path,
        { "content-type": "application/json", ...headers },
        JSON.stringify(body),
      ),
  };
}

/** Makes a run look as if `concord features` had been run on it. */
export function withFeatures(run: string, latents = 40): void {
  mkdirSync(join(run, "results/features"), { recursive: true });
  writeFileSync(join(run, "results/features/summary.json"), JSON.stringify(smallSummary(latents)));
}

/** A server-sent event. */
export interface Told {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: Record<string, unknown>;
}

/** Follows a stream of events. */
export interface Listening {
  /** The next event of that name; those before it are passed over. @throws after half a minute. */
  next(event: string): Promise<Told>;
  /** All events so far. */
  readonly told: readonly Told[];
  /** Settles when the stream has ended. */
  readonly ended: Promise<void>;
  stop(): void;
}

/** Listens to `/api/live` and whatever else tells events. */
export function listenTo(url: string, headers: Readonly<Record<string, string>> = {}): Listening {
  const told: Told[] = [];
  let [read, isOver] = [0, false];
  let wake = () => {};
  const sent = request(url, { headers, agent: false }, (got) => {
    let rest = "";
    got.setEncoding("utf8").on("data", (piece: string) => {
      const events = (rest + piece).split("\n\n");
      rest = events.pop()!;
      for (const text of events) {
        const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(text)?.[1];
        const event = field("event");
        if (event !== undefined)
          told.push({ event, id: field("id"), data: JSON.parse(field("data")!) });
      }
      wake();
    });
  });
  sent.end();
  const ended = new Promise<void>((settle) => {
    sent.on("error", () => settle());
    sent.on("close", () => settle());
  });
  void ended.then(() => {
    isOver = true;
    wake();
  });
  onTestFinished(() => void sent.destroy());
  return {
    told,
    ended,
    stop: () => void sent.destroy(),
    async next(event) {
      for (;;) {
        while (read < told.length) {
          const one = told[read++]!;
          if (one.event === event) return one;
        }
        if (isOver) throw new Error(`The stream ended without "${event}".`);
        await new Promise<void>((settle, fail) => {
          const timer = setTimeout(() => fail(new Error(`No "${event}" came.`)), 30_000);
          wake = () => {
            clearTimeout(timer);
            settle();
          };
        });
      }
    },
  };
}
