import { expect, test } from "vitest";
import {
  formatEdfDate,
  formatPatient,
  formatRecording,
  parseEdfDate,
  parsePatient,
  parseRecording,
} from "./identification.ts";

test("the specification's patient has code, sex, birthdate and name", () => {
  expect(parsePatient("MCH-0234567 F 02-MAY-1951 Haagse_Harry")).toEqual({
    code: "MCH-0234567",
    sex: "F",
    birthdate: "1951-05-02",
    name: "Haagse Harry",
    additional: undefined,
  });
});

test("the specification's recording has a date with century, a code, a technician and equipment", () => {
  expect(parseRecording("Startdate 02-MAR-2002 EMG561 BK/JOP Sony. MNC R Median Nerve.")).toEqual({
    startDate: "2002-03-02",
    administrationCode: "EMG561",
    technician: "BK/JOP",
    equipment: "Sony.",
    additional: "MNC R Median Nerve.",
  });
});

test("X is unknown, and free text is not subfields", () => {
  expect(parsePatient("X X X X")).toEqual({
    code: undefined,
    sex: undefined,
    birthdate: undefined,
    name: undefined,
    additional: undefined,
  });
  for (const text of ["", "Jane Doe", "1 Q X name", "1 F 1951 name"]) {
    expect(parsePatient(text)).toBeUndefined();
  }
  for (const text of ["", "night 1", "Startdate 99 X X X", "Startdate X X X"]) {
    expect(parseRecording(text)).toBeUndefined();
  }
});

test("formatting is the inverse of parsing", () => {
  const patient = { code: "a b", sex: "M", birthdate: "1999-12-31", name: "N N" } as const;
  expect(formatPatient(patient)).toBe("a_b M 31-DEC-1999 N_N");
  expect(parsePatient(formatPatient(patient))).toMatchObject(patient);
  const recording = { startDate: "2020-02-29", technician: "T T", equipment: "E" };
  expect(formatRecording(recording)).toBe("Startdate 29-FEB-2020 X T_T E");
  expect(parseRecording(formatRecording(recording))).toMatchObject(recording);
  expect(formatPatient({})).toBe("X X X X");
});

test("dates that are none are refused", () => {
  expect(parseEdfDate("32-JAN-2000")).toBeUndefined();
  expect(parseEdfDate("01-XYZ-2000")).toBeUndefined();
  expect(() => formatEdfDate("2000-13-01")).toThrow(/an ISO date/);
});
