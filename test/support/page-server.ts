/**
 * @file A server over runs with made-up evidence, and the page, which is built before the tests:
 *   what the tests in a browser look at.
 */

import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { type RunningServer, startServer } from "../../src/server/server.ts";
import { reference } from "./backends.ts";
import { type FakeOptions, fakeEvidence } from "./evidence/fake-evidence.ts";
import { MEMBERS, pageRuns } from "./evidence/page-runs.ts";
import { sharedFolder } from "./shared-folder.ts";

/** See build-dist.ts. */
const PAGE = resolve(import.meta.dirname, "../../dist/web");

/** Where the tests of a file find things. */
export interface PageServer {
  readonly url: string;
  /** The folder of runs. */
  readonly runs: string;
  /** The built page. */
  readonly web: string;
}

let trained: Promise<string> | undefined;

/** Trains the runs once for all files that a process tests. */
async function train(): Promise<string> {
  const folder = join(sharedFolder(), `page-runs-${process.pid}`);
  await pageRuns(folder);
  return folder;
}

/** Serves copies of the runs for the tests of a file. */
export function usePageServer(options: FakeOptions = {}): () => PageServer {
  let folder = "";
  let server: RunningServer | undefined;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "concord-page-"));
    const runs = join(folder, "runs");
    trained ??= train();
    cpSync(await trained, runs, { recursive: true });
    const evidence = fakeEvidence({ members: MEMBERS, ...options });
    server = await startServer({
      folder: runs,
      port: 0,
      openEvidence: async () => evidence,
      pageFolder: PAGE,
      steering: { catalogue: { cacheDir: folder, offline: true }, threads: 1 },
      openBackend: () => reference,
      isAlive: () => true,
      version: "0.0.0",
      now: () => new Date(0),
      clock: () => 0,
      onDefect(error) {
        throw error;
      },
      pollMs: 20,
    });
  }, 120_000);
  afterAll(async () => {
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return () => ({ url: server!.url, runs: join(folder, "runs"), web: PAGE });
}
