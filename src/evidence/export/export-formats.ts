/** @file What features can be exported as. */

export const EXPORT_FORMATS = ["csv", "saedashboard", "neuronpedia"] as const;

/** `csv`: features.csv. The others: `batch-0.json`, `batch-1.json`, …, and what belongs to them. */
export type ExportFormat = (typeof EXPORT_FORMATS)[number];
