/**
 * @file The library: everything a program needs to train, compare and use populations of sparse autoencoders. Each command of the
 * CLI is a thin layer over functions exported here. In the order of the folders (ARCHITECTURE.md).
 */
export {
  type DenoisedRecording,
  type DenoiseOptions,
  denoiseRecording,
} from "./analysis/denoise-recording.ts";
export {
  bandPassDenoiser,
  inZScores,
  waveletDenoiser,
} from "./analysis/denoisers/channel-denoisers.ts";
export {
  type ComponentChoice,
  chooseComponents,
  type PrincipalComponents,
  pcaDenoiser,
  principalComponents,
} from "./analysis/denoisers/principal-components.ts";
export { meanDenoiser, saeDenoiser } from "./analysis/denoisers/sae-denoiser.ts";
export {
  type EncodeArrayOptions,
  type EncodedArray,
  encodeArray,
} from "./analysis/encode-array.ts";
export { type Denoiser, evaluateDenoising, NOTHING_DONE } from "./analysis/evaluate-denoising.ts";
export { evaluateSaes } from "./analysis/evaluate-saes.ts";
export type { Backend } from "./backend/backend.ts";
export { type MeasuredRates, measureBackend } from "./backend/measure-backend.ts";
export { type BackendOptions, type OpenedBackend, openBackend } from "./backend/open-backend.ts";
export { configJsonSchema, type JsonSchema } from "./config/json-schema.ts";
export { loadConfig, type PlannedRun, parseConfig } from "./config/load-config.ts";
export type { Config } from "./config/schema.ts";
export {
  comparePair,
  comparePopulation,
  type PairSimilarity,
  type PopulationSimilarity,
} from "./consistency/compare-dictionaries.ts";
export { type BestMatches, bestMatches } from "./consistency/matching/best-matches.ts";
export { type Dictionary, dictionaryOf } from "./consistency/matching/dictionary.ts";
export { type Matching, matchOneToOne } from "./consistency/matching/one-to-one.ts";
export { type NullModels, type NullSimilarity, nullSimilarity } from "./consistency/null-model.ts";
export { type DownloadedDataset, downloadDataset } from "./datasets/download-dataset.ts";
export { type Manifest, readDatasetManifest } from "./datasets/manifest.ts";
export type { DatasetEvent, DatasetOptions } from "./datasets/options.ts";
export { type DatasetPlan, planDatasetDownload } from "./datasets/plan-download.ts";
export { DATASETS, type Dataset, datasetNamed } from "./datasets/registry.ts";
export { ConcordError, ConfigError, type ErrorCode, FormatError, ShapeError } from "./errors.ts";
export { type PlanOptions, planRun, type RunPlan } from "./experiments/plan.ts";
export { type RunContext, type RunSummary, trainRun } from "./experiments/train-run.ts";
export type { AtomicWriteOptions } from "./formats/atomic-file.ts";
export type { EdfFile, EdfOptions } from "./formats/edf/edf-file.ts";
export { type EdfInfo, edfInfo } from "./formats/edf/info.ts";
export { openEdf } from "./formats/edf/open-edf.ts";
export type { RecordingToWrite } from "./formats/edf/recording-to-write.ts";
export { type EdfWritten, writeEdf } from "./formats/edf/write-edf.ts";
export { type NpyFile, openNpy, writeNpy } from "./formats/npy.ts";
export type { TensorCollection } from "./formats/safetensors.ts";
export {
  openSafetensors,
  readSafetensors,
  type SafetensorsFile,
  writeSafetensors,
} from "./formats/safetensors-file.ts";
export type { DenoisingSums, ReconstructionSums } from "./metrics/metric.ts";
export { DENOISING_METRICS, METRICS, RECONSTRUCTION_METRICS } from "./metrics/registry.ts";
export {
  installedModel,
  type ResolvedText,
  resolveModel,
  resolveText,
} from "./models/catalogue/catalogue.ts";
export type { CatalogueOptions } from "./models/catalogue/options.ts";
export { type CollectedRows, type CollectOptions, collectActivations } from "./models/collect.ts";
export { type DocumentOptions, readDocuments, type TextTally } from "./models/documents.ts";
export {
  type EvaluateOptions,
  evaluateModel,
  evaluateReplaced,
  type ModelEvaluation,
} from "./models/evaluate.ts";
export {
  type EvaluateTextOptions,
  evaluateText,
  type TextEvaluation,
} from "./models/evaluate-text.ts";
export type { LanguageModel } from "./models/hooked-model.ts";
export type { HookDescription } from "./models/hooks.ts";
export { openLanguageModel } from "./models/language-model.ts";
export { type OnnxModelOptions, openOnnxModel } from "./models/onnx-model.ts";
export { type NamedModel, openModelByName } from "./models/open-by-name.ts";
export { type PackedTokens, type PackOptions, packDocuments } from "./models/packing.ts";
export type { SessionOptions } from "./models/session.ts";
export type { TokenBatch } from "./models/token-batch.ts";
export { openTokenizer, type TextTokenizer } from "./models/tokenizer.ts";
export { MFR_DEFAULTS, MutualFeatureRegularization } from "./population/couplings/mfr.ts";
export {
  createPopulation,
  dictionariesOf,
  type PopulationOptions,
} from "./population/create-population.ts";
export {
  allocatePopulation,
  initialisePopulation,
  type Population,
} from "./population/population.ts";
export {
  type PopulationStep,
  type TrainOptions,
  trainPopulation,
} from "./population/train-population.ts";
export { writeRunReport } from "./report/run-report.ts";
export type { SweepMember } from "./report/sweep-data.ts";
export { writeSweepReport } from "./report/sweep-report.ts";
export { type FoundRuns, findRuns, type SweepFolder } from "./runs/find-runs.ts";
export {
  type IsAlive,
  type RunDetails,
  type RunOverview,
  runDetails,
  runOverviews,
} from "./runs/overview.ts";
export { findRun, listRuns, RunFolder } from "./runs/run-folder.ts";
export type { Architecture } from "./sae/architecture.ts";
export type { Member } from "./sae/member.ts";
export { ARCHITECTURES, architectureNamed } from "./sae/registry.ts";
export {
  forRowsAsTheyCome,
  openSaeRunner,
  type Sae,
  type SaeRunner,
  type SaeSelection,
  saeOf,
} from "./sae/sae.ts";
export {
  loadSae,
  readSaeMetadata,
  type SaeMetadata,
  saelensDifference,
  saveSae,
} from "./sae/saelens.ts";
export { type StartRequest, startFrom, startingWeights } from "./sae/start-from.ts";
export {
  type ArraySource,
  type ArraySourceOptions,
  openArraySource,
} from "./sources/arrays/array-source.ts";
export { type EegSource, type EegSourceOptions, openEegSource } from "./sources/eeg/eeg-source.ts";
export {
  type CollectedStore,
  type CollectStoreOptions,
  collectStore,
} from "./sources/language-model/collect-store.ts";
export { type NormalizationName, normalizeSource } from "./sources/rows/normalized-source.ts";
export type { RowKernels } from "./sources/rows/row-kernels.ts";
export type { ShardWriterOptions } from "./sources/shards/begin-store.ts";
export {
  openShardSource,
  type ShardSource,
  type ShardSourceOptions,
} from "./sources/shards/shard-source.ts";
export { openShardWriter, type ShardWriter } from "./sources/shards/shard-writer.ts";
export {
  openStoreTokens,
  type RowTokens,
  type StoreTokens,
  type WindowTokens,
} from "./sources/shards/store-tokens.ts";
export type { ActivationStream, RowReader, SignalLayout, Source } from "./sources/source.ts";
export type { Generator, SyntheticOptions } from "./sources/synthetic/options.ts";
export { openSyntheticSource } from "./sources/synthetic/synthetic-source.ts";
export type { RowNormalization } from "./tensor/row-normalization.ts";
export type { Tensor } from "./tensor/tensor.ts";
