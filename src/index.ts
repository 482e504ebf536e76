/**
 * @file The library: everything a program needs to train, compare and use populations of sparse
 *   autoencoders. Each command of the CLI is a thin layer over functions exported here. In the
 *   order of the folders (ARCHITECTURE.md).
 */

export { ANALYSES, type FoundBy, type ListedAnalysis } from "./analyses/analyses.ts";
export { openEvidence } from "./analyses/features/open-evidence.ts";
export type { Backend } from "./backend/backend.ts";
export { TYING, type Tying } from "./backend/kernels/update.ts";
export { type MeasuredRates, measureBackend } from "./backend/measure-backend.ts";
export { type BackendOptions, type OpenedBackend, openBackend } from "./backend/open-backend.ts";
export { type Exchange, LostRankError } from "./backend/ranks/exchange.ts";
export { connectGloo, type GlooOptions } from "./backend/ranks/gloo-exchange.ts";
export type { MemoryItem } from "./base/bytes.ts";
export type { Checkpointable, SavedArray, SavedState } from "./base/checkpointable.ts";
export type { RowNormalization } from "./base/row-normalization.ts";
export type { Tensor } from "./base/tensor.ts";
export { configJsonSchema, type JsonSchema } from "./config/json-schema.ts";
export { loadConfig, type PlannedRun, parseConfig } from "./config/load-config.ts";
export { type Config, type FileConfig, fileOfConfig } from "./config/schema.ts";
export {
  comparePair,
  comparePopulation,
  type PairSimilarity,
  type PopulationSimilarity,
} from "./consistency/compare-dictionaries.ts";
export { type BestMatches, bestMatches } from "./consistency/matching/best-matches.ts";
export { type Dictionary, dictionaryOf } from "./consistency/matching/dictionary.ts";
export { type Matching, matchOneToOne } from "./consistency/matching/one-to-one.ts";
export type { Poses } from "./consistency/matching/posed-atoms.ts";
export { ModuloGroup, type ModuloSimilarity, mccModulo } from "./consistency/modulo-group.ts";
export {
  type NullModels,
  type NullSimilarity,
  nullSimilarity,
  type PairShape,
} from "./consistency/null-model.ts";
export { METRICS } from "./domains/all-metrics.ts";
export type {
  AnalysedMember,
  Analysis,
  AnalysisContext,
  AnalysisResults,
} from "./domains/analysis.ts";
export type { Domain } from "./domains/domain.ts";
export { DOMAINS } from "./domains/domains.ts";
export {
  type DownloadedDataset,
  downloadDataset,
} from "./domains/eeg/archives/download-dataset.ts";
export { type Manifest, readDatasetManifest } from "./domains/eeg/archives/manifest.ts";
export { type DatasetPlan, planDatasetDownload } from "./domains/eeg/archives/plan-download.ts";
export { DATASETS, type Dataset, datasetNamed } from "./domains/eeg/archives/registry.ts";
export {
  type DenoisedRecording,
  type DenoiseOptions,
  denoiseRecording,
} from "./domains/eeg/denoise/denoise-recording.ts";
export {
  bandPassDenoiser,
  inZScores,
  waveletDenoiser,
} from "./domains/eeg/denoise/denoisers/channel-denoisers.ts";
export {
  type ComponentChoice,
  chooseComponents,
  type PrincipalComponents,
  pcaDenoiser,
  principalComponents,
} from "./domains/eeg/denoise/denoisers/principal-components.ts";
export { meanDenoiser, saeDenoiser } from "./domains/eeg/denoise/denoisers/sae-denoiser.ts";
export {
  type Denoiser,
  evaluateDenoising,
  NOTHING_DONE,
} from "./domains/eeg/denoise/evaluate-denoising.ts";
export type { EdfFile, EdfOptions } from "./domains/eeg/edf/edf-file.ts";
export { type EdfInfo, edfInfo } from "./domains/eeg/edf/info.ts";
export { openEdf } from "./domains/eeg/edf/open-edf.ts";
export type { RecordingToWrite } from "./domains/eeg/edf/recording-to-write.ts";
export { type EdfWritten, writeEdf } from "./domains/eeg/edf/write-edf.ts";
export type { DenoisingSums } from "./domains/eeg/metrics/denoising-metric.ts";
export { DENOISING_METRICS } from "./domains/eeg/metrics/eeg-metrics.ts";
export {
  type EegSource,
  type EegSourceOptions,
  openEegSource,
} from "./domains/eeg/source/eeg-source.ts";
export type { HeldOutWindows } from "./domains/eeg/source/sides.ts";
export {
  installedModel,
  type ResolvedText,
  resolveModel,
  resolveText,
} from "./domains/language/catalogue/catalogue.ts";
export {
  type CaseOptions,
  type CaseStudy,
  studyLatent,
} from "./domains/language/causal/case/case-study.ts";
export { casePage } from "./domains/language/causal/case/page.ts";
export {
  type EraseOptions,
  eraseConcept,
} from "./domains/language/causal/erasure/erase-concept.ts";
export type { ErasureResult } from "./domains/language/causal/erasure/result.ts";
export {
  ablationGraph,
  type GraphOptions,
} from "./domains/language/causal/graph/ablation-graph.ts";
export type { AblationGraph } from "./domains/language/causal/graph/edges.ts";
export { type LensLayer, logitLens } from "./domains/language/causal/logit-lens.ts";
export { type PatchTaskOptions, patchTask } from "./domains/language/causal/patching/patch-task.ts";
export type { PatchingResult } from "./domains/language/causal/patching/result.ts";
export { openTask, parseTask, type Task } from "./domains/language/causal/tasks/task.ts";
export {
  type EvalTextOptions,
  evaluateSaesInModel,
  type TextSpliceEvaluation,
} from "./domains/language/evaluate/eval-text.ts";
export {
  type EvaluateOptions,
  evaluateModel,
  evaluateReplaced,
  type ModelEvaluation,
} from "./domains/language/evaluate/evaluate.ts";
export {
  type EvaluateTextOptions,
  evaluateText,
  type TextEvaluation,
} from "./domains/language/evaluate/evaluate-text.ts";
export {
  type SpliceEvaluation,
  type SpliceOptions,
  spliceSaes,
} from "./domains/language/evaluate/splice-saes.ts";
export { interpretationByModel } from "./domains/language/interpret/by-model/by-model.ts";
export type { ByModelOptions } from "./domains/language/interpret/by-model/judge-run.ts";
export type { ByModelResult } from "./domains/language/interpret/by-model/result.ts";
export type { InterpretationResult } from "./domains/language/interpret/result.ts";
export type { LanguageModel } from "./domains/language/models/hooked-model.ts";
export type { HookDescription } from "./domains/language/models/hooks.ts";
export { openLanguageModel } from "./domains/language/models/language-model.ts";
export { type OnnxModelOptions, openOnnxModel } from "./domains/language/models/onnx-model.ts";
export { type NamedModel, openModelByName } from "./domains/language/models/open-by-name.ts";
export type { SessionOptions } from "./domains/language/models/session-options.ts";
export {
  type CollectedRows,
  type CollectOptions,
  collectActivations,
} from "./domains/language/source/collect.ts";
export type {
  CollectedStore,
  CollectStoreOptions,
  HookStore,
} from "./domains/language/source/collect-options.ts";
export { collectStore, collectStores } from "./domains/language/source/collect-store.ts";
export {
  openStoreTokens,
  type RowTokens,
  type StoreTokens,
  type WindowTokens,
} from "./domains/language/source/store-tokens.ts";
export {
  type SteeredLatent,
  type SteerLatentOptions,
  steerLatent,
} from "./domains/language/steering/steer-latent.ts";
export {
  type DocumentOptions,
  readDocuments,
  type TextTally,
} from "./domains/language/text/documents.ts";
export {
  type PackedTokens,
  type PackOptions,
  packDocuments,
} from "./domains/language/text/packing.ts";
export type { TokenBatch } from "./domains/language/text/token-batch.ts";
export { openTokenizer, type TextTokenizer } from "./domains/language/text/tokenizer.ts";
export type { Generator, SyntheticOptions } from "./domains/synthetic/options.ts";
export type { RowFeatures } from "./domains/synthetic/row-features.ts";
export { openSyntheticSource, type SyntheticSource } from "./domains/synthetic/synthetic-source.ts";
export { ConcordError, ConfigError, type ErrorCode, FormatError, ShapeError } from "./errors.ts";
export type { FitOptions } from "./evaluate/baselines/baseline.ts";
export { BASELINES } from "./evaluate/baselines/baselines.ts";
export type { BaselineForm, FittedBaseline } from "./evaluate/baselines/fit-baseline.ts";
export { type Connectivity, connectivity } from "./evaluate/connectivity.ts";
export {
  type EncodeArrayOptions,
  type EncodedArray,
  encodeArray,
} from "./evaluate/encode-array.ts";
export { evaluateSaes } from "./evaluate/evaluate-saes.ts";
export { type JudgedRows, type JudgedSae, judgeSaes } from "./evaluate/judge-saes.ts";
export type {
  Example,
  FeaturesSummary,
  LatentCard,
  LatentColumns,
  ListedLatent,
} from "./evidence/card.ts";
export type { Evidence, FindOptions } from "./evidence/evidence.ts";
export {
  type ExportedFeatures,
  type ExportFeaturesOptions,
  exportFeatures,
} from "./evidence/export/export-features.ts";
export type { ExportFormat } from "./evidence/export/export-formats.ts";
export type { ForeignSource } from "./evidence/export/foreign-source.ts";
export { type AnalyseOptions, analyseRun } from "./experiments/analyse-run.ts";
export {
  type BaselineOptions,
  type MadeBaseline,
  type MadeBaselines,
  makeBaselines,
} from "./experiments/baselines/make-baselines.ts";
export {
  type ComparedSae,
  type CompareOptions,
  type CompareProgress,
  compareFolders,
  type EncodedRows,
  type FolderComparison,
  type RowComparison,
} from "./experiments/compare/compare-folders.ts";
export {
  type ComparedLatent,
  compareLatent,
  type LatentElsewhere,
  type LatentOptions,
  latentJson,
} from "./experiments/compare/compare-latent.ts";
export { comparisonJson, latentsCsv } from "./experiments/compare/comparison-json.ts";
export type {
  DictionaryMeasures,
  DictionaryOfSae,
  DictionaryPair,
} from "./experiments/compare/dictionary-measures.ts";
export {
  allLatentTensors,
  latentMetadata,
  latentTensors,
} from "./experiments/compare/latent-table.ts";
export type { CollectForSaes } from "./experiments/compare/rows/collected-rows.ts";
export type {
  ActivationComparison,
  ActivationPair,
  DecileNumbers,
} from "./experiments/compare/rows/compare-activations.ts";
export type { RowsOptions } from "./experiments/compare/rows/sae-rows.ts";
export type { Transfer } from "./experiments/compare/transfer/transfer.ts";
export type { TransferFvu } from "./experiments/compare/transfer/transfer-trial.ts";
export {
  type Consensus,
  type ConsensusOptions,
  makeConsensus,
} from "./experiments/consensus/make-consensus.ts";
export { type BoostOptions, boost, boostStage } from "./experiments/ensemble/boost.ts";
export {
  type EnsembleFile,
  type MemberOrigin,
  readEnsemble,
  type WrittenEnsemble,
  writeEnsemble,
} from "./experiments/ensemble/ensemble-folder.ts";
export { type JudgedPart, judgeEnsemble } from "./experiments/ensemble/judge-ensemble.ts";
export { type BagOptions, type MadeEnsemble, makeBag } from "./experiments/ensemble/make-bag.ts";
export { openSource } from "./experiments/open-source.ts";
export { type PlanOptions, planRun, type RunPlan } from "./experiments/plan.ts";
export { type JoinedRun, joinRun } from "./experiments/ranks/join-run.ts";
export type { RankContext } from "./experiments/ranks/ranks.ts";
export type { RunContext, RunSummary } from "./experiments/run-context.ts";
export type { StudyFigureRow } from "./experiments/study/figures/interval-figure.ts";
export type { StudyFigure } from "./experiments/study/figures/kinds.ts";
export {
  findStudyFile,
  type LoadedStudy,
  listStudies,
  loadStudy,
} from "./experiments/study/load-study.ts";
export { MEASURES } from "./experiments/study/measures.ts";
export type { StudyPlace } from "./experiments/study/plan-study.ts";
export { quickStudy } from "./experiments/study/quick-study.ts";
export {
  type RenderedStudy,
  renderStudy,
  writeStudyPage,
} from "./experiments/study/render-study.ts";
export {
  type RunStudyOptions,
  runStudy,
  type StudyWatcher,
} from "./experiments/study/run-study.ts";
export type {
  Arm,
  ArmNumbers,
  Benchmark,
  BenchRecord,
  BenchTable,
  Comparison,
  ComputeContext,
  Experiment,
  Measure,
  MeasureContext,
  Outcome,
  QuickForm,
  Study,
  StudyColumn,
  StudyCurve,
  StudyNumber,
  StudyPoints,
  StudyRow,
  StudyTable,
  Verdict,
} from "./experiments/study/study.ts";
export type { StudyNumbers } from "./experiments/study/study-numbers.ts";
export { type StudyCell, StudyResults } from "./experiments/study/study-results.ts";
export type { LatentSimilarities, StudyRun } from "./experiments/study/study-run.ts";
export { trainRun } from "./experiments/train-run.ts";
export type { CatalogueOptions } from "./fetch/catalogue-options.ts";
export type { DatasetEvent, DatasetOptions } from "./fetch/options.ts";
export type { AtomicWriteOptions } from "./formats/atomic-file.ts";
export { type NpyFile, openNpy, writeNpy } from "./formats/npy.ts";
export type { TensorCollection } from "./formats/safetensors.ts";
export {
  openSafetensors,
  readSafetensors,
  type SafetensorsFile,
  writeSafetensors,
} from "./formats/safetensors-file.ts";
export { type ConvertedSae, convertSae } from "./interchange/convert.ts";
export type { LoadedSae, SaeOrigin } from "./interchange/format.ts";
export type { SaeFormatName } from "./interchange/format-names.ts";
export { readSae } from "./interchange/formats.ts";
export { saePath } from "./interchange/hub-sae.ts";
export { checkProbe, writeProbe } from "./interchange/probe.ts";
export {
  loadSae,
  readSaeMetadata,
  type SaeMetadata,
  saveSae,
} from "./interchange/saelens.ts";
export {
  type BatchState,
  type JobBatch,
  listBatches,
  requestCancel,
} from "./jobs/batch.ts";
export type { Job } from "./jobs/job.ts";
export type { JobStatus } from "./jobs/job-status.ts";
export type { Launcher, LauncherMachine } from "./jobs/launcher.ts";
export { type WorkerOptions, workQueue } from "./jobs/queue/worker.ts";
export { type BatchProgress, type WatchOptions, watchBatch } from "./jobs/watch.ts";
export { type WorkContext, workOn } from "./jobs/work.ts";
export type { EffectiveRank } from "./linalg/effective-rank.ts";
export type { ReconstructionMetric, ReconstructionSums } from "./metrics/metric.ts";
export { RECONSTRUCTION_METRICS } from "./metrics/registry.ts";
export { type ApartOptions, AtomsApart } from "./population/couplings/apart.ts";
export type {
  Coupling,
  CouplingBytes,
  CouplingStep,
  Pull,
} from "./population/couplings/coupling.ts";
export type { EdgeWeights } from "./population/couplings/edge-weights.ts";
export {
  MATCHED_DEFAULTS,
  MatchedCoupling,
  type MatchedKind,
  type MatchedOptions,
  type Teachers,
} from "./population/couplings/matched-coupling.ts";
export { MFR_DEFAULTS, MutualFeatureRegularization } from "./population/couplings/mfr.ts";
export { SumOfCouplings } from "./population/couplings/sum-of-couplings.ts";
export {
  createPopulation,
  dictionariesOf,
  type PopulationOptions,
} from "./population/create-population.ts";
export {
  allocatePopulation,
  initialisePopulation,
  type MemberSettings,
  type Population,
  type PopulationMember,
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
export {
  type AdamConstants,
  type Architecture,
  type OptionRecord,
  resolveOptions,
  type SaeShape,
  type StartRequest,
  type TrainableSettings,
} from "./sae/architecture.ts";
export { type BagSae, bagSae } from "./sae/bag-sae.ts";
export {
  bagOf,
  boostOf,
  type Coder,
  type Ensemble,
  type EnsembleKind,
  type EnsembleMember,
  openCoder,
} from "./sae/ensemble.ts";
export {
  type LinearArchitecture,
  type LinearDefinition,
  linearArchitecture,
  type Resolved,
} from "./sae/linear/linear-architecture.ts";
export type { LinearSpec } from "./sae/linear/spec.ts";
export { type Option, type Options, type OptionValues, option } from "./sae/options.ts";
export { ARCHITECTURES, type ArchitectureOptions, architectureNamed } from "./sae/registry.ts";
export {
  forRowsAsTheyCome,
  type OwnEncoder,
  openSaeRunner,
  type RenewableRunner,
  type Sae,
  type SaeRunner,
  type SaeSelection,
} from "./sae/sae.ts";
export { saelensDifference } from "./sae/saelens-forms.ts";
export type {
  LinearEncoder,
  ParameterOptions,
  ParameterStart,
  RecordModel,
  StartContext,
  TapeInputs,
  TapeModel,
  TapeStart,
} from "./sae/tape/model.ts";
export {
  type TapeArchitecture,
  type TapeDefinition,
  tapeArchitecture,
} from "./sae/tape/tape-architecture.ts";
export { TapeTrainable, type TapeTrainableOptions } from "./sae/tape/tape-trainable.ts";
export type {
  Atoms,
  Batch,
  Draw,
  Forward,
  PlannedUse,
  StepOptions,
  StepResult,
  Trainable,
  TrainableBytes,
  TrainableContext,
} from "./sae/trainable.ts";
export type { OpenEvidence } from "./server/evidences.ts";
export { type RunningServer, type ServeOptions, startServer } from "./server/server.ts";
export {
  type ArraySource,
  type ArraySourceOptions,
  openArraySource,
} from "./sources/arrays/array-source.ts";
export type { OrbitConfig } from "./sources/orbit/orbit-keys.ts";
export {
  fitSource,
  measureAction,
  readAction,
  withSymmetry,
} from "./sources/orbit/orbit-symmetry.ts";
export { type NormalizationName, normalizeSource } from "./sources/rows/normalized-source.ts";
export type { RowKernels } from "./sources/rows/row-kernels.ts";
export type { ShardWriterOptions } from "./sources/shards/begin-store.ts";
export {
  openShardSource,
  type ShardSource,
  type ShardSourceOptions,
} from "./sources/shards/shard-source.ts";
export { openShardWriter, type ShardWriter } from "./sources/shards/shard-writer.ts";
export type { ActivationStream, RowReader, SignalLayout, Source } from "./sources/source.ts";
export type {
  OpenSourceOptions,
  SourceContext,
  SourceProgress,
} from "./sources/source-kind.ts";
export type { Symmetry } from "./sources/symmetry.ts";
export { actionError, matricesOf } from "./symmetry/action.ts";
export {
  type ActionDiagnostics,
  diagnoseAction,
  type GeneratorDiagnostics,
} from "./symmetry/diagnose.ts";
export { type ActionFitOptions, type FittedAction, fitAction } from "./symmetry/fit-action.ts";
export type { AdamFitOptions } from "./symmetry/fit-adam.ts";
export { type FiniteGroup, finiteGroup, type GroupGenerator } from "./symmetry/group.ts";
export { groupNamed } from "./symmetry/named-groups.ts";
export { type Orbits, orbitsOf } from "./symmetry/orbits.ts";
/** Reverse-mode differentiation: the tape, its operations, Adam. */
export * as tape from "./tape/library.ts";
