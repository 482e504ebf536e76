/**
 * @file The EDF+ subfields of the patient and recording identification (EDF+ specification §2.1.3.3
 *   and §2.1.3.4): separated by spaces. Spaces inside a subfield are written as underscores, and an
 *   unknown subfield as X.
 */

import { expected } from "../../../errors.ts";

/** Who was recorded; undefined means unknown or anonymised. */
export interface PatientFields {
  readonly code?: string | undefined;
  readonly sex?: "M" | "F" | undefined;
  /** ISO date, yyyy-mm-dd. */
  readonly birthdate?: string | undefined;
  readonly name?: string | undefined;
  /** Further subfields, as written. */
  readonly additional?: string | undefined;
}

/** How it was recorded; undefined means unknown. */
export interface RecordingFields {
  /** ISO date, yyyy-mm-dd, with the century that the start-date field lacks. */
  readonly startDate?: string | undefined;
  readonly administrationCode?: string | undefined;
  readonly technician?: string | undefined;
  readonly equipment?: string | undefined;
  readonly additional?: string | undefined;
}

const MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(" ");

/** The ISO date of an EDF+ date ("02-AUG-1951"), or undefined when it is none. */
export function parseEdfDate(text: string): string | undefined {
  const match = /^(\d{1,2})-([A-Za-z]{3})-(\d{4})$/.exec(text);
  const month = match ? MONTHS.indexOf(match[2]!.toUpperCase()) + 1 : 0;
  if (match === null || month === 0) return undefined;
  const day = Number(match[1]);
  if (day < 1 || day > 31) return undefined;
  return `${match[3]}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
}

/** The EDF+ form of an ISO date: "1951-08-02" becomes "02-AUG-1951". */
export function formatEdfDate(iso: string): string {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(iso);
  const month = match ? MONTHS[Number(match[2]) - 1] : undefined;
  if (!match || !month) throw expected("date", "an ISO date (yyyy-mm-dd)", iso);
  return `${match[3]}-${month}-${match[1]}`;
}

const known = (subfield: string | undefined) =>
  subfield === undefined || subfield === "X" ? undefined : subfield.replaceAll("_", " ");

/**
 * Reads "code sex birthdate name …".
 *
 * @returns undefined when the text does not have the four subfields (plain EDF leaves the field
 *   free).
 */
export function parsePatient(text: string): PatientFields | undefined {
  const [code, sex, birthdate, name, ...rest] = text.split(" ").filter((part) => part !== "");
  if (name === undefined || !["M", "F", "X"].includes(sex!)) return undefined;
  if (birthdate !== "X" && parseEdfDate(birthdate!) === undefined) return undefined;
  return {
    code: known(code),
    sex: known(sex) as "M" | "F" | undefined,
    birthdate: birthdate === "X" ? undefined : parseEdfDate(birthdate!),
    name: known(name),
    additional: rest.length === 0 ? undefined : rest.join(" "),
  };
}

/**
 * Reads "Startdate dd-MMM-yyyy code technician equipment …".
 *
 * @returns undefined when the text does not have these subfields.
 */
export function parseRecording(text: string): RecordingFields | undefined {
  const [word, date, code, technician, equipment, ...rest] = text
    .split(" ")
    .filter((part) => part !== "");
  if (word !== "Startdate" || equipment === undefined) return undefined;
  if (date !== "X" && parseEdfDate(date!) === undefined) return undefined;
  return {
    startDate: date === "X" ? undefined : parseEdfDate(date!),
    administrationCode: known(code),
    technician: known(technician),
    equipment: known(equipment),
    additional: rest.length === 0 ? undefined : rest.join(" "),
  };
}

function subfield(value: string | undefined): string {
  return value === undefined || value.trim() === "" ? "X" : value.trim().replace(/\s+/g, "_");
}

/** The inverse of {@link parsePatient}. */
export function formatPatient(fields: PatientFields): string {
  const birthdate = fields.birthdate === undefined ? "X" : formatEdfDate(fields.birthdate);
  const parts = [subfield(fields.code), fields.sex ?? "X", birthdate, subfield(fields.name)];
  if (fields.additional) parts.push(fields.additional);
  return parts.join(" ");
}

/** The inverse of {@link parseRecording}. */
export function formatRecording(fields: RecordingFields): string {
  const parts = [
    "Startdate",
    fields.startDate === undefined ? "X" : formatEdfDate(fields.startDate),
    subfield(fields.administrationCode),
    subfield(fields.technician),
    subfield(fields.equipment),
  ];
  if (fields.additional) parts.push(fields.additional);
  return parts.join(" ");
}
