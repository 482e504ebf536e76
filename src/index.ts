/**
 * @file The library: everything a program needs to train, compare and use populations of sparse autoencoders. Each command of the
 * CLI is a thin layer over functions exported here.
 */

// Comparison
export { type DenoiseOptions, denoiseRecording } from "./analysis/denoise-recording.ts";
export {
  bandPassDenoiser,
  inZScores,
  waveletDenoiser,
} from "./analysis/denoisers/channel-denoisers.ts";
export {
  chooseComponents,
  pcaDenoiser,
  principalComponents,
} from "./analysis/denoisers/principal-components.ts";
export { meanDenoiser, saeDenoiser } from "./analysis/denoisers/sae-denoiser.ts";
export { type EncodeArrayOptions, encodeArray } from "./analysis/encode-array.ts";
export { type Denoiser, evaluateDenoising, NOTHING_DONE } from "./analysis/evaluate-denoising.ts";
export { evaluateSaes } from "./analysis/evaluate-saes.ts";

// Compute
export type { Backend } from "./backend/backend.ts";
export { measureBackend } from "./backend/measure-backend.ts";
export { type BackendOptions, openBackend } from "./backend/open-backend.ts";
// Runs from configs
export { configJsonSchema } from "./config/json-schema.ts";
export { loadConfig, parseConfig } from "./config/load-config.ts";
export { comparePair, comparePopulation } from "./consistency/compare-dictionaries.ts";
export { bestMatches } from "./consistency/matching/best-matches.ts";
export { type Dictionary, dictionaryOf } from "./consistency/matching/dictionary.ts";
export { matchOneToOne } from "./consistency/matching/one-to-one.ts";
export { nullSimilarity } from "./consistency/null-model.ts";
// Datasets
export { type DownloadedDataset, downloadDataset } from "./datasets/download-dataset.ts";
export { type Manifest, readDatasetManifest } from "./datasets/manifest.ts";
export type { DatasetEvent, DatasetOptions } from "./datasets/options.ts";
export { type DatasetPlan, planDatasetDownload } from "./datasets/plan-download.ts";
export { DATASETS, type Dataset, datasetNamed } from "./datasets/registry.ts";
// Errors
export { ConcordError, ConfigError, type ErrorCode, FormatError, ShapeError } from "./errors.ts";
export { planRun, type RunPlan } from "./experiments/plan.ts";
export { type RunContext, trainRun } from "./experiments/train-run.ts";
// Files
export { type EdfInfo, edfInfo } from "./formats/edf/info.ts";
export { openEdf } from "./formats/edf/open-edf.ts";
export type { RecordingToWrite } from "./formats/edf/recording-to-write.ts";
export { writeEdf } from "./formats/edf/write-edf.ts";
export { openNpy, writeNpy } from "./formats/npy.ts";
export { openSafetensors, readSafetensors, writeSafetensors } from "./formats/safetensors-file.ts";
export { DENOISING_METRICS, METRICS, RECONSTRUCTION_METRICS } from "./metrics/registry.ts";
// Language models
export { installedModel, resolveModel, resolveText } from "./models/catalogue/catalogue.ts";
export { collectActivations } from "./models/collect.ts";
export { evaluateModel, evaluateReplaced } from "./models/evaluate.ts";
export { evaluateText } from "./models/evaluate-text.ts";
export { openLanguageModel } from "./models/language-model.ts";
export { openOnnxModel } from "./models/onnx-model.ts";
export { packDocuments } from "./models/packing.ts";
export { openTokenizer } from "./models/tokenizer.ts";
// Populations
export { MFR_DEFAULTS, MutualFeatureRegularization } from "./population/couplings/mfr.ts";
export { createPopulation, dictionariesOf } from "./population/create-population.ts";
export {
  allocatePopulation,
  initialisePopulation,
  type Population,
} from "./population/population.ts";
export { trainPopulation } from "./population/train-population.ts";
export { writeRunReport } from "./report/run-report.ts";
export { writeSweepReport } from "./report/sweep-report.ts";
export { runDetails, runOverviews } from "./runs/overview.ts";
export { findRun, listRuns, RunFolder } from "./runs/run-folder.ts";
// Sparse autoencoders
export { ARCHITECTURES, architectureNamed } from "./sae/registry.ts";
export { openSaeRunner, type Sae, saeOf } from "./sae/sae.ts";
export { loadSae, readSaeMetadata, saveSae } from "./sae/saelens.ts";
// Activations
export { openArraySource } from "./sources/arrays/array-source.ts";
export { openEegSource } from "./sources/eeg/eeg-source.ts";
export { collectStore } from "./sources/language-model/collect-store.ts";
export { openShardSource } from "./sources/shards/shard-source.ts";
export { openShardWriter } from "./sources/shards/shard-writer.ts";
export type { ActivationStream, RowReader, Source } from "./sources/source.ts";
export { openSyntheticSource } from "./sources/synthetic/synthetic-source.ts";
