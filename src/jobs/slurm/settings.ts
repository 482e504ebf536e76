/** @file What a person sets of a Slurm cluster: the section `slurm` of cluster.yaml. */

import { z } from "zod";

const words = z.union([z.string(), z.number()]).transform(String);
const lines = z.union([z.array(z.string()), z.string().transform((line) => [line])]);

/** The keys of the section, in snake_case. */
export const slurmSchema = z.strictObject({
  partition: words.optional().describe("Partition. Default: the cluster's"),
  account: words.optional().describe("Account that the time is charged to"),
  qos: words.optional().describe("Quality of service"),
  time: words
    .optional()
    .describe("Time limit of a job, as sbatch takes it: 90 (minutes), 04:00:00, 1-00:00:00"),
  memory: words
    .optional()
    .describe("Memory of a job, as sbatch takes it: 8G. Default: what concord plan says, and 20 %"),
  cpus: z.int().min(1).default(1).describe("Processors of a job"),
  modules: lines.default([]).describe("Modules to load before Concord starts"),
  container: z.string().optional().describe("Image that apptainer runs Concord in"),
  program: z
    .string()
    .optional()
    .describe("How Concord is started on the nodes. Default: as it was started here"),
  lines: lines.default([]).describe("More lines of the script, such as #SBATCH --constraint=..."),
  before: lines.default([]).describe("Shell commands before Concord starts"),
  signal_seconds: z
    .int()
    .min(1)
    .default(120)
    .describe("How long before its time limit a job writes a checkpoint and is queued again"),
  poll_seconds: z.number().min(0.2).default(10).describe("Seconds between two looks at the jobs"),
  probe_seconds: z
    .int()
    .min(0)
    .default(5)
    .describe("How long to wait for a free node that says whether it sees the runs; 0: not at all"),
});

export type SlurmSettings = z.infer<typeof slurmSchema>;
