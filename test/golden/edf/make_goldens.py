"""Writes the golden files of the EDF reader.

    python make_goldens.py ../../../../shared/data/eeg

real.json       what pyedflib finds in the real recordings of the folder named on the command line;
                MNE for recordings that pyedflib refuses (interrupted ones). Where both read a
                recording they must agree, or this script stops.
*.edf, *.bdf    small recordings made here byte by byte, each with one peculiarity
synthetic.json  what this script put into them; `confirmed_by` names the libraries that read the
                same back, and leaves out those that refuse the peculiarity or read it otherwise

Seed 20 for all random samples. The versions used are in versions.json.
"""

import hashlib
import json
import pathlib
import platform
import re
import sys
import tempfile
import warnings

import mne
import numpy as np
import pyedflib

HERE = pathlib.Path(__file__).parent
SEED = 20
mne.set_log_level("ERROR")
warnings.simplefilter("ignore")


def digest(digital):
    return hashlib.sha256(np.asarray(digital, dtype="<i4").tobytes()).hexdigest()[:32]


def channel(label, unit, rate, cal, digital):
    """The record of one channel; cal = (physical min, max, digital min, max)."""
    digital = np.asarray(digital, dtype=np.int64)
    pmin, pmax, dmin, dmax = cal
    out = {
        "label": label, "unit": unit, "rate": rate, "samples": len(digital),
        "physical_minimum": pmin, "physical_maximum": pmax,
        "digital_minimum": dmin, "digital_maximum": dmax,
        "digital_sum": int(digital.sum()), "digital_sha256": digest(digital),
    }
    if len(digital):
        physical = pmin + (digital - dmin) * ((pmax - pmin) / (dmax - dmin))
        out |= {
            "min": float(physical.min()), "max": float(physical.max()), "mean": float(physical.mean()),
            "first": [float(v) for v in physical[:5]],
        }
    return out


def from_pyedflib(path):
    r = pyedflib.EdfReader(str(path), pyedflib.READ_ALL_ANNOTATIONS, pyedflib.CHECK_FILE_SIZE)
    channels = []
    for i in range(r.signals_in_file):
        cal = (r.getPhysicalMinimum(i), r.getPhysicalMaximum(i), r.getDigitalMinimum(i), r.getDigitalMaximum(i))
        digital = r.readSignal(i, digital=True)
        entry = channel(r.getLabel(i), r.getPhysicalDimension(i), float(r.getSampleFrequency(i)), cal, digital)
        if len(digital):
            physical = r.readSignal(i)
            for name, value in [("min", physical.min()), ("max", physical.max()), ("mean", physical.mean())]:
                # edflib calibrates with another order of operations, hence the tolerance.
                assert abs(entry[name] - value) <= 1e-9 * max(1, abs(cal[1] - cal[0])), (path, i, name)
                entry[name] = float(value)
        channels.append(entry)
    onsets, durations, texts = r.readAnnotations()
    annotations = [
        [float(o), None if d < 0 else float(d), str(t)] for o, d, t in zip(onsets, durations, texts)
    ]
    start = r.getStartdatetime().isoformat()
    records, duration = r.datarecords_in_file, r.datarecord_duration
    r.close()
    return {"reader": "pyedflib", "start": start, "records": records, "record_duration": float(duration),
            "channels": channels, "annotations": annotations}


def mne_annotations(path):
    found = mne.read_annotations(str(path))
    return [[float(a["onset"]), float(a["duration"]), str(a["description"])] for a in found]


def from_mne(path):
    """MNE keeps no digital values and no calibration: those are taken from the header bytes and
    undone."""
    raw_bytes = path.read_bytes()
    ns = int(raw_bytes[252:256])
    column = lambda before, width, i: raw_bytes[256 + before * ns + width * i:][:width].decode("latin1").strip()
    reader = mne.io.read_raw_bdf if path.suffix == ".bdf" else mne.io.read_raw_edf
    raw = reader(str(path), preload=True)
    data = raw.get_data()
    kept = [i for i in range(ns) if not column(0, 16, i).endswith("Annotations")]
    assert len(kept) == len(raw.ch_names)
    scale = {"uV": 1e6, "mV": 1e3, "V": 1.0}
    channels = []
    for row, i in enumerate(kept):
        pmin, pmax, dmin, dmax = (float(column(b, 8, i)) for b in (104, 112, 120, 128))
        physical = data[row] * scale[column(96, 8, i)]
        exact = dmin + (physical - pmin) / ((pmax - pmin) / (dmax - dmin))
        digital = np.round(exact).astype(np.int64)
        assert np.abs(exact - digital).max() < 1e-6, (path, i)
        rate = float(column(216, 8, i)) / float(raw_bytes[244:252])
        assert rate == raw.info["sfreq"], "MNE resamples mixed rates"
        channels.append(channel(column(0, 16, i), column(96, 8, i), rate, (pmin, pmax, int(dmin), int(dmax)), digital))
    duration = float(raw_bytes[244:252])
    return {"reader": "mne", "start": raw.info["meas_date"].replace(tzinfo=None).isoformat(),
            "records": round(raw.n_times / raw.info["sfreq"] / duration), "record_duration": duration,
            "channels": channels, "annotations": mne_annotations(path)}


def same_annotations(a, b):
    """MNE has 0 for a missing duration."""
    key = lambda rows: sorted((round(o, 6), round(d or 0, 6), t) for o, d, t in rows)
    return key(a) == key(b)


def real(folder):
    out = {}
    for path in sorted(folder.glob("*.edf")):
        try:
            entry = from_pyedflib(path)
            assert same_annotations(entry["annotations"], mne_annotations(path)), path
        except OSError as refusal:
            print(f"{path.name}: pyedflib refuses ({refusal}); MNE is used")
            entry = from_mne(path)
        out[path.name] = entry
    return out


# ---- synthetic recordings ------------------------------------------------------------------------


def field(value, width):
    encoded = value if isinstance(value, bytes) else str(value).encode("latin1")
    assert len(encoded) <= width, value
    return encoded.ljust(width, b" ")


def tal(onset, texts, duration=None):
    stamp = onset.encode() + (b"" if duration is None else b"\x15" + duration.encode())
    return stamp + b"\x14" + b"\x14".join(t.encode() for t in texts) + b"\x14\x00"


def build(*, signals, records, duration="1", reserved="", bdf=False, declared=None, patient="X X X X",
          recording="Startdate 02-AUG-2021 X X X", date="02.08.21", time="10.20.30", cut=0):
    """signals: dicts with label, unit, cal, spr and either digital [records, spr] or tals (bytes
    per record)."""
    width = 3 if bdf else 2
    ns = len(signals)
    head = field(b"\xffBIOSEMI" if bdf else "0", 8) + field(patient, 80) + field(recording, 80)
    head += field(date, 8) + field(time, 8) + field(256 * (ns + 1), 8) + field(reserved, 44)
    head += field(records if declared is None else declared, 8) + field(duration, 8) + field(ns, 4)
    for w, get in [(16, lambda s: s["label"]), (80, lambda s: s.get("transducer", "")), (8, lambda s: s["unit"]),
                   (8, lambda s: s["cal"][0]), (8, lambda s: s["cal"][1]), (8, lambda s: s["cal"][2]),
                   (8, lambda s: s["cal"][3]), (80, lambda s: s.get("prefilter", "")), (8, lambda s: s["spr"]),
                   (32, lambda s: "")]:
        head += b"".join(field(get(s), w) for s in signals)
    body = b""
    for r in range(records):
        for s in signals:
            if "tals" in s:
                assert len(s["tals"][r]) <= s["spr"] * width, (len(s["tals"][r]), s["spr"])
                body += s["tals"][r].ljust(s["spr"] * width, b"\0")
            else:
                for v in s["digital"][r]:
                    body += int(v).to_bytes(width, "little", signed=True)
    return head + (body[:-cut] if cut else body)


def samples(name, records, spr, low, high):
    rng = np.random.default_rng([SEED, *name.encode()])
    values = rng.integers(low, high, size=(records, spr), endpoint=True)
    if values.size >= 2:
        values.flat[0], values.flat[-1] = low, high
    return values


def eeg(label, records, spr, unit="uV", cal=("-187.5", "187.5", -32768, 32767), **more):
    low, high = int(cal[2]), int(cal[3])
    return {"label": label, "unit": unit, "cal": cal, "spr": spr,
            "digital": samples(label, records, spr, low, high), **more}


def texts(tals, spr, bdf=False, label=None):
    cal = ("-1", "1", -8388608, 8388607) if bdf else ("-1", "1", -32768, 32767)
    return {"label": label or ("BDF Annotations" if bdf else "EDF Annotations"), "unit": "", "cal": cal, "spr": spr,
            "tals": tals}


def clock(*onsets):
    return [tal(o, [""]) for o in onsets]


def synthetic():
    """name: (bytes, annotations, gaps, extra expectations)"""
    files = {}

    def add(name, *, annotations=(), gaps=(), start="2021-08-02T10:20:30", whole=None, **spec):
        records = spec["records"] if whole is None else whole
        channels = []
        for s in spec["signals"]:
            if "tals" in s:
                continue
            cal = (float(s["cal"][0]), float(s["cal"][1]), int(s["cal"][2]), int(s["cal"][3]))
            rate = s["spr"] / float(spec.get("duration", "1"))
            channels.append(channel(s["label"], s["unit"], rate, cal, s["digital"][:records].reshape(-1)))
        (HERE / name).write_bytes(build(**spec))
        files[name] = {"start": start, "records": records, "record_duration": float(spec.get("duration", "1")),
                       "channels": channels, "annotations": [list(a) for a in annotations],
                       "gaps": [list(g) for g in gaps]}

    add("plain.edf", signals=[eeg("Fp1", 4, 8), eeg("Fp2", 4, 8)], records=4)
    add("mixed-rates.edf", duration="2",
        signals=[eeg("EEG C3", 3, 16), eeg("SaO2", 3, 1, "%", ("0", "100", 0, 1000)), eeg("EEG C4", 3, 10)], records=3)
    add("inverted.edf", signals=[eeg("Cz", 2, 6, cal=("500", "-500", -2048, 2047))], records=2)
    add("narrow.edf", signals=[eeg("Pz", 2, 6, "mV", cal=("-0.001", "0.00125", -20, 100))], records=2)
    add("continuous.edf", reserved="EDF+C", records=3,
        signals=[eeg("O1", 3, 8),
                 texts([tal("+0", [""]) + tal("+0.5", ["eyes open"], "1.25"),
                        tal("+1", [""]),
                        tal("+2", [""]) + tal("+2.125", ["a", "b"]) + tal("+0.75", ["late"])], 40)],
        annotations=[[0.5, 1.25, "eyes open"], [2.125, None, "a"], [2.125, None, "b"], [0.75, None, "late"]])
    add("sub-second.edf", reserved="EDF+C", records=2, start="2021-08-02T10:20:30.250",
        signals=[eeg("O2", 2, 4), texts([tal("+0.25", [""]) + tal("+0.75", ["x"]), tal("+1.25", [""])], 12)],
        annotations=[[0.5, None, "x"]])
    add("gaps.edf", reserved="EDF+D", records=5, gaps=[[2, 5], [6, 100.5]],
        signals=[eeg("T7", 5, 8), eeg("T8", 5, 8),
                 texts([tal("+0", [""]), tal("+1", [""]) + tal("+1.5", ["pause"]), tal("+5", [""]),
                        tal("+100.5", [""]) + tal("+100.75", ["again"], "0"), tal("+101.5", [""])], 20)],
        annotations=[[1.5, None, "pause"], [100.75, 0.0, "again"]])
    add("utf8-two-texts.edf", reserved="EDF+C", records=2,
        signals=[texts([tal("+0", [""]) + tal("+0.1", ["Müdigkeit – schläfrig"]), tal("+1", [""])], 40),
                 eeg("F3", 2, 4),
                 texts([tal("+0.2", ["zweite Spur"]), b""], 16)],
        annotations=[[0.1, None, "Müdigkeit – schläfrig"], [0.2, None, "zweite Spur"]])
    add("annotations-only.edf", reserved="EDF+C", records=1, duration="0",
        signals=[texts([tal("+0", [""]) + tal("+0", ["Sleep stage W"], "30") + tal("+30", ["Sleep stage 1"], "60")], 60)],
        annotations=[[0.0, 30.0, "Sleep stage W"], [30.0, 60.0, "Sleep stage 1"]])
    add("no-signals.edf", signals=[], records=0)
    add("zero-samples.edf", signals=[eeg("Fz", 3, 4), eeg("empty", 3, 0), eeg("Oz", 3, 2)], records=3)
    add("unknown-records.edf", signals=[eeg("P3", 3, 8)], records=3, declared=-1)
    add("truncated.edf", signals=[eeg("P4", 4, 8), eeg("P7", 4, 8)], records=4, whole=3, cut=5)
    # The end of the recording's header gives the year where two digits cannot.
    add("far-future.edf", reserved="EDF+C", recording="Startdate 31-DEC-2090 X X X", date="31.12.yy",
        start="2090-12-31T10:20:30", signals=[eeg("C3", 1, 4), texts([tal("+0", [""])], 4)], records=1)
    wide = ("-262144", "262143", -8388608, 8388607)
    add("plain.bdf", bdf=True, reserved="24BIT", records=3,
        signals=[eeg("A1", 3, 8, cal=wide), eeg("Status", 3, 8, "", ("-8388608", "8388607", -8388608, 8388607))])
    add("gaps.bdf", bdf=True, reserved="BDF+D", records=2, gaps=[[1, 4]],
        signals=[eeg("A2", 2, 6, cal=wide), texts([tal("+0", [""]) + tal("+0.5", ["go"]), tal("+4", [""])], 14, bdf=True)],
        annotations=[[0.5, None, "go"]])
    for name, entry in files.items():
        entry["confirmed_by"] = confirm(HERE / name, entry)
        print(name, entry["confirmed_by"])
    return files


def confirm(path, entry):
    by = []
    for reader in (from_pyedflib, from_mne):
        try:
            other = reader(path)
        except Exception:
            continue
        same = len(other["channels"]) == len(entry["channels"]) and all(
            a["digital_sha256"] == b["digital_sha256"] and a["rate"] == b["rate"] and a["samples"] == b["samples"]
            for a, b in zip(entry["channels"], other["channels"]))
        if same and same_annotations(entry["annotations"], other["annotations"]) and (
            entry["start"][:19] == other["start"][:19]):
            by.append(other["reader"])
    return by


def dump(name, value):
    (HERE / name).write_text(json.dumps(value, indent=None, separators=(",", ":"), ensure_ascii=False) + "\n")


if __name__ == "__main__":
    dump("versions.json", {"python": platform.python_version(), "numpy": np.__version__, "mne": mne.__version__,
                           "pyedflib": pyedflib.__version__, "seed": SEED})
    dump("synthetic.json", synthetic())
    if len(sys.argv) > 1:
        dump("real.json", real(pathlib.Path(sys.argv[1])))
