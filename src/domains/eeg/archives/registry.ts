/**
 * @file The archives of recordings that Concord knows by name: where they are, on what terms, and
 *   what stands in for what.
 */

import { ConcordError } from "../../../errors.ts";

/** An archive of files behind directory pages. */
export interface Dataset {
  readonly name: string;
  readonly description: string;
  /** The release that `url` is pinned to. */
  readonly version: string;
  /** The folder that paths start from; ends with a slash. */
  readonly url: string;
  /** The page about it, where an account is asked for and the terms are written. */
  readonly page: string;
  /** SPDX identifier, or the terms in words. */
  readonly licence: string;
  /** Whether the server asks for a user name and a password. */
  readonly needsAccount: boolean;
  /** What is fetched when nothing is named; empty for everything. */
  readonly defaultPath: string;
  /** Bytes of everything, about. */
  readonly totalBytes: number;
  /** File below `url` that lists the SHA-256 of every other. */
  readonly checksums?: string;
  /** How it relates to the published experiments. */
  readonly note: string;
  /** What reports say where it stands in for the data of a published experiment. */
  readonly substitute?: string;
}

/**
 * Datasets by name. TUH EEG: Obeid and Picone, "The Temple University Hospital EEG Data Corpus",
 * Frontiers in Neuroscience 10:196 (2016). eegmmidb: Schalk et al., "BCI2000: a general-purpose
 * brain-computer interface system", IEEE TBME 51(6):1034–1043 (2004); Goldberger et al.,
 * "PhysioBank, PhysioToolkit, and PhysioNet", Circulation 101(23):e215–e220 (2000).
 */
export const DATASETS: readonly Dataset[] = [
  {
    name: "tuh-eeg",
    description: "clinical EEG of Temple University Hospital, 10–20 montages, 250–1024 Hz",
    version: "2.0.1",
    url: "https://isip.piconepress.com/projects/nedc/data/tuh_eeg/tuh_eeg/v2.0.1/",
    page: "https://isip.piconepress.com/projects/nedc/html/tuh_eeg/",
    licence: "free of charge after a signed request; may not be passed on",
    needsAccount: true,
    defaultPath: "edf/150/aaaaawfy/",
    totalBytes: 1_643e9,
    note: "the MFR paper's EEG data; the default path is the subject that the authors' code fetches",
  },
  {
    name: "eegmmidb",
    description: "EEG Motor Movement/Imagery Dataset: 109 volunteers, 64 channels, 160 Hz",
    version: "1.0.0",
    url: "https://physionet.org/files/eegmmidb/1.0.0/",
    page: "https://physionet.org/content/eegmmidb/1.0.0/",
    licence: "ODC-By-1.0",
    needsAccount: false,
    defaultPath: "",
    totalBytes: 3.4e9,
    checksums: "SHA256SUMS.txt",
    note: "open substitute for tuh-eeg: real EEG of other people, so results are not comparable to the paper's",
    substitute:
      "eegmmidb, an open substitute for TUH EEG: real EEG, but of other people, electrodes and tasks, so percentages are not comparable to those published",
  },
];

/**
 * A dataset by its name.
 *
 * @throws {ConcordError} `argument/invalid` that lists the names there are.
 */
export function datasetNamed(name: string): Dataset {
  const found = DATASETS.find((dataset) => dataset.name === name);
  if (found) return found;
  throw new ConcordError("argument/invalid", `There is no dataset "${name}".`, {
    hint: `datasets: ${DATASETS.map((dataset) => dataset.name).join(", ")}`,
  });
}
