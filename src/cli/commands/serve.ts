/** @file concord serve: the page of a folder of runs, until Ctrl-C. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { PACKAGE_ROOT } from "../../backend/native/package-root.ts";
import { ConfigError, messageOf } from "../../errors.ts";
import { startServer } from "../../server/server.ts";
import {
  backendFor,
  catalogueOptions,
  interruptSignal,
  isProcessAlive,
  threadsFromEnvironment,
} from "../environment.ts";
import { packageVersion } from "../package-version.ts";
import { print, warn } from "../print.ts";

interface Options {
  readonly port: number;
  readonly host: string;
  readonly offline?: boolean;
  readonly json?: boolean;
}

/** Where the page is built to. */
const PAGE = join(PACKAGE_ROOT, "dist", "web");

export async function serve(folder: string, options: Options): Promise<void> {
  const { port, host, offline, json } = options;
  if (host !== "127.0.0.1" && host !== "localhost")
    throw new ConfigError(`Expected 127.0.0.1 for --host but received "${host}".`, {
      hint: "Runs are shown to this machine alone, without a password. From another one: ssh -L 8420:127.0.0.1:8420 <this machine>",
    });
  const signal = interruptSignal();
  const server = await startServer({
    folder,
    port,
    pageFolder: PAGE,
    steering: { catalogue: catalogueOptions(offline), threads: threadsFromEnvironment() },
    openBackend: () => backendFor().backend,
    isAlive: isProcessAlive,
    version: packageVersion(),
    now: () => new Date(),
    clock: () => performance.now(),
    onDefect: (error) => warn(`a request failed: ${messageOf(error)}`),
  });
  const { url } = server;
  const where = { url, port: server.port, folder };
  print(
    json ? `${JSON.stringify(where)}\n` : `${url} shows the runs in ${folder}. Ctrl-C ends it.\n`,
  );
  if (!existsSync(join(PAGE, "index.html")))
    warn(`The page was not built, so there is the API alone: npm run build makes ${PAGE}.`);
  if (!signal.aborted)
    await new Promise((ended) => signal.addEventListener("abort", ended, { once: true }));
  await server.close();
}
