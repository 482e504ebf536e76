"""Writes the golden windows of the published EEG pipeline with pyedflib and SciPy.

    python make_goldens.py ../../../../shared/data/eeg

The steps are those of the MFR authors' code (mfr, commit e9ec664), written anew: channels at the
file's modal rate, files with the overall modal rate and the first kept file's number of channels,
`butter(5, band)` and `filtfilt` as one fraction, windows of a second, zeros after the end, z-score
per channel with a floor of 1e-8, half precision. Everything is made twice: with that fraction, and
with the same filter as sections, which is what the fraction stands for but for its rounding.

faithful.edf, faithful.json   a recording made here (integer arithmetic, no random numbers) and its
                              windows
real.json                     what the steps make of the real recordings in the folder named on the
                              command line, together and each by itself; recordings that
                              pyedflib refuses are skipped
"""

import collections
import json
import pathlib
import platform
import sys

import numpy as np
import pyedflib
import scipy
from scipy import signal as ss

HERE = pathlib.Path(__file__).parent


def read(path):
    r = pyedflib.EdfReader(str(path))
    rates = [float(r.getSampleFrequency(i)) for i in range(r.signals_in_file)]
    signals = [r.readSignal(i) for i in range(r.signals_in_file)]
    r.close()
    return rates, signals


def windows_of(signals, rate, sections):
    if sections:
        x = ss.sosfiltfilt(ss.butter(5, [0.5, 45], "bandpass", fs=rate, output="sos"), np.array(signals), axis=1)
    else:
        b, a = ss.butter(5, [0.5 / (rate / 2), 45 / (rate / 2)], btype="band")
        x = ss.filtfilt(b, a, np.array(signals), axis=1)
    n = int(rate)
    rest = -x.shape[1] % n
    x = np.hstack([x, np.zeros((x.shape[0], rest))])
    out = []
    for start in range(0, x.shape[1], n):
        w = x[:, start:start + n]
        std = w.std(axis=1, keepdims=True)
        out.append(((w - w.mean(axis=1, keepdims=True)) / np.where(std < 1e-8, 1e-8, std)).ravel())
    return np.array(out, dtype=np.float16)


def pipeline(paths):
    files = {}
    for path in paths:
        try:
            files[path.name] = read(path)
        except OSError as refusal:
            print("skipped:", refusal)
    mode = lambda rates: collections.Counter(rates).most_common(1)[0][0]
    rate = mode([r for rates, _ in files.values() for r in rates])
    channels, kept = None, {}
    for name, (rates, signals) in files.items():
        if not rates or mode(rates) != rate:
            continue
        chosen = [s for s, r in zip(signals, rates) if r == rate]
        if channels is None:
            channels = len(chosen)
        if len(chosen) == channels:
            kept[name] = [windows_of(chosen, rate, sections) for sections in (True, False)]
    return rate, channels, kept


def synthetic():
    """Four channels at 250 Hz and one at 50 Hz, 3.5 s: the last window is half zeros."""
    n = 875
    columns = []
    for k in range(4):
        noise = [(31 * i * i + 7919 * i + 104729 * k) % 1009 - 504 for i in range(n)]
        columns.append((np.cumsum(noise) // 4 + np.array(noise)).astype(int))
    columns.append(np.arange(175) % 7)
    columns[3][:] = 12  # a flat channel
    head = b"0".ljust(8) + b"X X X X".ljust(80) + b"Startdate X X X X".ljust(80) + b"02.08.2110.20.30"
    head += str(256 * 6).encode().ljust(8) + b" " * 44 + b"7".ljust(8) + b"0.5".ljust(8) + b"5".ljust(4)
    sizes = [125, 125, 125, 125, 25]
    for width, values in [(16, ["Fp1", "Cz", "O1", "O2", "Resp"]), (80, [""] * 5), (8, ["uV"] * 5), (8, ["-3276.8"] * 5),
                          (8, ["3276.7"] * 5), (8, ["-32768"] * 5), (8, ["32767"] * 5), (80, [""] * 5), (8, map(str, sizes)),
                          (32, [""] * 5)]:
        head += b"".join(v.encode().ljust(width) for v in values)
    body = b"".join(np.asarray(c[r * s:(r + 1) * s], dtype="<i2").tobytes() for r in range(7) for c, s in zip(columns, sizes))
    (HERE / "faithful.edf").write_bytes(head + body)


def dump(name, value):
    (HERE / name).write_text(json.dumps(value, separators=(",", ":")) + "\n")


def summary(paths):
    rate, channels, kept = pipeline(paths)
    return {"rate": rate, "channels": channels, "recordings": {
        name: {"shape": list(w.shape), "first": w[0, :200].astype(float).tolist(),
               "first_fraction": fraction[0, :200].astype(float).tolist(),
               "row_norms": np.linalg.norm(w.astype(float), axis=1).round(6).tolist(),
               "mean_abs": np.abs(w.astype(float)).mean(axis=1).round(6).tolist()}
        for name, (w, fraction) in kept.items()}}


if __name__ == "__main__":
    dump("versions.json", {"python": platform.python_version(), "numpy": np.__version__, "scipy": scipy.__version__,
                           "pyedflib": pyedflib.__version__})
    synthetic()
    rate, channels, kept = pipeline([HERE / "faithful.edf"])
    windows, fraction = (w.astype(float).tolist() for w in kept["faithful.edf"])
    dump("faithful.json", {"rate": rate, "channels": channels, "windows": windows, "fraction": fraction})
    if len(sys.argv) > 1:
        paths = sorted(pathlib.Path(sys.argv[1]).glob("*.edf"))
        alone = {}
        for path in paths:
            try:
                alone[path.name] = summary([path])
            except (OSError, ValueError, IndexError) as refusal:
                # Interrupted, a modal rate too low for the band, or no signal at all: the program
                # stops there.
                print(f"{path.name}: {refusal}")
        dump("real.json", {"together": summary(paths), "alone": alone})
