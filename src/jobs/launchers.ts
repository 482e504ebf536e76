/** @file Every kind of launcher there is, and what a person sets of one. */

import { parse } from "yaml";
import { isObject } from "../base/json.ts";
import { ConcordError, ConfigError, messageOf } from "../errors.ts";
import { issueText } from "../formats/issue-text.ts";
import { readText } from "../formats/read-text.ts";
import { showName } from "../formats/show-name.ts";
import type { Launcher, LauncherKind, LauncherMachine } from "./launcher.ts";
import { LAUNCHER_NAMES, type LauncherName } from "./launcher-names.ts";

/** Loaded when it is asked for: a queue brings a library with it. */
const KINDS: Readonly<Record<LauncherName, () => Promise<LauncherKind>>> = {
  local: async () => (await import("./local/local.ts")).local as LauncherKind,
  slurm: async () => (await import("./slurm/slurm.ts")).slurm as LauncherKind,
  queue: async () => (await import("./queue/queue.ts")).queue as LauncherKind,
};

/** The file that holds what launchers need to know of a cluster, when no other is named. */
const CLUSTER_FILE = "cluster.yaml";

/** What a person said of the launcher. */
export interface LauncherSettings {
  /** The text of cluster.yaml, and its path for messages; undefined without one. */
  readonly file: { readonly path: string; readonly text: string } | undefined;
  /** `--job key=value`: later ones win, and win over the file. */
  readonly overrides: readonly string[];
}

/**
 * Reads the file of a cluster.
 *
 * @param path Named by the person; undefined: `cluster.yaml`, where there is one.
 * @throws {ConcordError} `file/missing` for a file that was named.
 */
export async function readClusterFile(path: string | undefined): Promise<LauncherSettings["file"]> {
  const name = path ?? CLUSTER_FILE;
  try {
    return { path: name, text: await readText(name) };
  } catch (error) {
    if (path === undefined && error instanceof ConcordError && error.code === "file/missing")
      return undefined;
    throw error;
  }
}

/** The section of a launcher in cluster.yaml. @throws {ConfigError} naming the file. */
function sectionOf(name: string, file: NonNullable<LauncherSettings["file"]>): object {
  let whole: unknown;
  try {
    whole = parse(file.text, { logLevel: "error" });
  } catch (error) {
    throw new ConfigError(`${file.path}: ${messageOf(error)}`);
  }
  if (whole === null || whole === undefined) return {};
  if (!isObject(whole)) throw new ConfigError(`${file.path}: expected a section for ${name}.`);
  const unknown = Object.keys(whole).find((key) => !LAUNCHER_NAMES.some((known) => known === key));
  if (unknown !== undefined)
    throw new ConfigError(`${file.path}: unknown section ${showName(unknown)}.`, {
      hint: `Sections are named as --on has them: ${LAUNCHER_NAMES.join(", ")}.`,
    });
  const section = whole[name] ?? {};
  if (!isObject(section)) throw new ConfigError(`${file.path}: ${name}: expected keys and values.`);
  return section;
}

function overrideOf(text: string): [key: string, value: unknown] {
  const at = text.indexOf("=");
  if (at < 1)
    throw new ConfigError(`Expected key=value for --job but received "${showName(text)}".`, {
      hint: "e.g. --job partition=long",
    });
  try {
    return [text.slice(0, at), parse(text.slice(at + 1), { logLevel: "error" })];
  } catch (error) {
    throw new ConfigError(`--job ${showName(text)}: ${messageOf(error)}`);
  }
}

/**
 * Opens a launcher.
 *
 * @throws {ConfigError} for settings that it does not know, in one line with the key.
 */
export async function openLauncher(
  name: LauncherName,
  { file, overrides }: LauncherSettings,
  machine: LauncherMachine,
): Promise<Launcher> {
  const kind = await KINDS[name]();
  const given = Object.fromEntries(overrides.map(overrideOf));
  const section = file ? sectionOf(name, file) : {};
  const parsed = kind.schema.safeParse({ ...section, ...given }, { error: issueText });
  if (parsed.success) return await kind.open(parsed.data, machine);
  const issue = parsed.error.issues[0]!;
  const unknown = issue.code === "unrecognized_keys" ? issue.keys[0] : undefined;
  const key = unknown ?? String(issue.path[0] ?? "");
  const where = Object.hasOwn(given, key) ? `--job ${key}` : `${file?.path}: ${name}.${key}`;
  throw new ConfigError(
    unknown === undefined ? `${where}: ${issue.message}.` : `${where}: unknown key.`,
    { hint: `docs/cluster.md lists the keys of ${name}.` },
  );
}
