/** @file The names of launchers, which the command line knows without loading one. */

export const LAUNCHER_NAMES = ["local", "slurm", "queue"] as const;

export type LauncherName = (typeof LAUNCHER_NAMES)[number];
