/**
 * @file The server behind the page: it reads one folder of runs, and answers this machine alone.
 */

import type { Server } from "node:http";
import { serve } from "@hono/node-server";
import { openEvidence } from "../analyses/features/open-evidence.ts";
import type { Backend } from "../backend/backend.ts";
import type { SteeringContext } from "../domains/steering.ts";
import { ConcordError } from "../errors.ts";
import { systemCode } from "../formats/io-error.ts";
import { showName } from "../formats/show-name.ts";
import type { IsAlive } from "../runs/overview.ts";
import { RunLines } from "./answers/run-lines.ts";
import { makeApp } from "./app.ts";
import { EvidenceCache, type OpenEvidence } from "./evidences.ts";
import { portHolder } from "./port-holder.ts";
import { ServedFolder } from "./served-folder.ts";
import { SteeringCache } from "./steerings.ts";

/** The only address that is listened on. */
const HOST = "127.0.0.1";

/** Evidences that stay open between requests. */
const MOST_EVIDENCES = 4;

/** What a server is given. */
export interface ServeOptions {
  /** The folder of runs, or of one run. */
  readonly folder: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Opens the evidence of a run; that of `concord features` when left out. */
  readonly openEvidence?: OpenEvidence;
  /** Folder of the built page; it may be missing. */
  readonly pageFolder: string;
  /** How models are found for steering. */
  readonly steering: SteeringContext;
  /** Opens what encodes with SAEs; asked once, and only when a request needs it. */
  readonly openBackend: () => Backend;
  readonly isAlive: IsAlive;
  /** Of Concord. */
  readonly version: string;
  readonly now: () => Date;
  /** Milliseconds since any fixed moment. */
  readonly clock: () => number;
  /** Told of failures that are defects of the program; they are answered with status 500. */
  readonly onDefect: (error: unknown) => void;
  /** Milliseconds between two looks at a run that is watched. Default 500. */
  readonly pollMs?: number;
}

/** A server that listens. */
export interface RunningServer {
  /** `http://127.0.0.1:8420` */
  readonly url: string;
  readonly port: number;
  /** Ends streams and connections, and closes what is open. */
  close(): Promise<void>;
}

/**
 * Starts the server.
 *
 * @throws {ConcordError} `file/missing` or `argument/invalid` for a folder that is not one;
 *   `run/conflict` naming the process that holds the port.
 */
export async function startServer(options: ServeOptions): Promise<RunningServer> {
  const { folder, isAlive, version, pageFolder, now, clock, onDefect, pollMs = 500 } = options;
  const served = await ServedFolder.open(folder);
  const ending = new AbortController();
  const evidences = new EvidenceCache(options.openEvidence ?? openEvidence, MOST_EVIDENCES);
  const steerings = new SteeringCache(options.steering);
  let opened: Backend | undefined;
  const backend = () => (opened ??= options.openBackend());
  const lines = new RunLines(served, isAlive);
  const world = {
    isAlive,
    version,
    pageFolder,
    now,
    clock,
    onDefect,
    pollMs,
    signal: ending.signal,
  };
  const app = makeApp({ served, lines, evidences, steerings, backend, ...world });
  const { server, port } = await listen(app.fetch, options.port);
  return {
    url: `http://${HOST}:${port}`,
    port,
    async close() {
      ending.abort();
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeAllConnections();
      await closed;
      evidences.close();
      await steerings.close();
    },
  };
}

function listen(
  fetch: Parameters<typeof serve>[0]["fetch"],
  port: number,
): Promise<{ readonly server: Server; readonly port: number }> {
  return new Promise((settle, fail) => {
    const server = serve({ fetch, port, hostname: HOST }, (info) =>
      settle({ server, port: info.port }),
    ) as Server;
    server.once("error", (error) => fail(portError(error, port)));
  });
}

function portError(error: unknown, port: number): unknown {
  const code = systemCode(error);
  if (code === "EACCES")
    return new ConcordError("run/conflict", `Port ${port} is not for everybody to listen on.`, {
      cause: error,
      hint: "Give one above 1023, or --port 0 for any that is free.",
    });
  if (code !== "EADDRINUSE") return error;
  const holder = portHolder(port);
  const who = holder
    ? `process ${holder.pid} (${showName(holder.command)})`
    : "a process that this account cannot see";
  return new ConcordError("run/conflict", `Port ${port} is taken by ${who}.`, {
    cause: error,
    hint: "End that process, or give another --port; --port 0 takes any that is free.",
  });
}
