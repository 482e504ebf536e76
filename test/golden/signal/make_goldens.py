"""Writes the golden numbers of src/signal with SciPy, PyWavelets and MNE: `python make_goldens.py`.

No random numbers: `signal(n, k)` is exact integer arithmetic divided by powers of two, so the
TypeScript test computes the same inputs bit for bit. The versions used are in versions.json.
"""

import json
import pathlib
import platform

import mne
import numpy as np
import pywt
import scipy
from mne.channels.interpolation import _calc_g, _make_interpolation_matrix
from scipy import signal as ss

HERE = pathlib.Path(__file__).parent


def signal(n, k=0):
    """Noise on a random walk, so that low frequencies dominate as they do in the EEG."""
    noise = [(31 * i * i + 7919 * i + 104729 * k) % 1009 - 504 for i in range(n)]
    return np.array(noise) / 64 + np.cumsum(noise) / 512


def band_args(band):
    edges = band["cutoff"] if "cutoff" in band else [band["low"], band["high"]]
    return edges, {"lowPass": "lowpass", "highPass": "highpass", "bandPass": "bandpass", "bandStop": "bandstop"}[band["kind"]]


def butter_cases():
    bands = [
        ({"kind": "lowPass", "cutoff": 40}, 250), ({"kind": "lowPass", "cutoff": 0.3}, 100),
        ({"kind": "lowPass", "cutoff": 99}, 200), ({"kind": "highPass", "cutoff": 0.5}, 250),
        ({"kind": "highPass", "cutoff": 30}, 128), ({"kind": "highPass", "cutoff": 60}, 128),
        ({"kind": "bandPass", "low": 0.5, "high": 45}, 250), ({"kind": "bandPass", "low": 0.5, "high": 45}, 100),
        ({"kind": "bandPass", "low": 8, "high": 13}, 256), ({"kind": "bandPass", "low": 1, "high": 70}, 512),
        ({"kind": "bandPass", "low": 0.1, "high": 100}, 1000), ({"kind": "bandStop", "low": 48, "high": 52}, 250),
        ({"kind": "bandStop", "low": 59, "high": 61}, 1000), ({"kind": "bandStop", "low": 5, "high": 40}, 128),
    ]
    for order in [1, 2, 3, 4, 5, 6, 7, 8, 11]:
        for band, rate in bands:
            edges, btype = band_args(band)
            sos = ss.butter(order, edges, btype, fs=rate, output="sos")
            yield {"order": order, "band": band, "rate": rate, "sections": sos.ravel().tolist()}


def filter_cases():
    for band, rate, order, n in [
        ({"kind": "bandPass", "low": 0.5, "high": 45}, 250, 5, 500),
        ({"kind": "lowPass", "cutoff": 20}, 128, 3, 120),
        ({"kind": "highPass", "cutoff": 1}, 200, 4, 120),
        ({"kind": "bandStop", "low": 48, "high": 52}, 250, 2, 120),
    ]:
        edges, btype = band_args(band)
        sos = ss.butter(order, edges, btype, fs=rate, output="sos")
        x = signal(n, order)
        zi = ss.sosfilt_zi(sos)
        y, zf = ss.sosfilt(sos, x, zi=zi * x[0])
        yield {
            "band": band, "rate": rate, "order": order, "n": n, "k": order, "zi": zi.ravel().tolist(),
            "sosfilt": ss.sosfilt(sos, x).tolist(), "fromRest": y.tolist(), "finalState": zf.ravel().tolist(),
            "sosfiltfilt": ss.sosfiltfilt(sos, x).tolist(),
            "sosfiltfiltPad": [0, 7, n - 1],
            "sosfiltfiltPadded": [ss.sosfiltfilt(sos, x, padlen=p).tolist() for p in (0, 7, n - 1)],
        }


def founding_filter():
    """The MFR authors' `filtfilt(*butter(5, [0.5, 45] / nyquist, "band"), x)`: one fraction of 11
    coefficients."""
    rates = []
    for rate in [100, 128, 160, 200, 250, 256, 400, 500, 512, 1000]:
        x = signal(4 * rate, 3)
        b, a = ss.butter(5, [0.5 / (rate / 2), 45 / (rate / 2)], btype="band")
        fraction = ss.filtfilt(b, a, x)
        sections = ss.sosfiltfilt(ss.butter(5, [0.5, 45], "bandpass", fs=rate, output="sos"), x)
        difference = float(np.abs(fraction - sections).max() / np.abs(sections).max())
        rates.append({"rate": rate, "relativeDifference": difference, "largestPole": float(np.abs(np.roots(a)).max())})
    x = signal(500, 3)
    b, a = ss.butter(5, [0.5 / 125, 45 / 125], btype="band")
    return {"rates": rates, "n": 500, "k": 3, "rate": 250, "filtfilt": ss.filtfilt(b, a, x).tolist()}


def notch_cases():
    for frequency, quality, rate in [(50, 30, 250), (60, 30, 1000), (50, 5, 128)]:
        b, a = ss.iirnotch(frequency, quality, rate)
        yield {"frequency": frequency, "quality": quality, "rate": rate, "section": [*b, *a]}


def resample_cases():
    for up, down, n in [(1, 2, 101), (2, 1, 60), (3, 2, 60), (2, 3, 61), (64, 125, 130), (125, 64, 40), (4, 6, 50), (5, 5, 9),
                        (1, 7, 5), (25, 1, 3)]:
        yield {"up": up, "down": down, "n": n, "y": ss.resample_poly(signal(n, up), up, down).tolist()}


def welch_cases():
    for n, rate, nperseg, noverlap in [(700, 250, None, None), (600, 128, 250, None), (500, 100, 255, 0), (300, 100, 7, 5),
                                       (64, 64, 64, None), (100, 250, None, None)]:
        f, p = ss.welch(signal(n, 2), rate, nperseg=nperseg or min(256, n), noverlap=noverlap)
        yield {"n": n, "rate": rate, "segmentLength": nperseg, "overlap": noverlap, "frequencies": f.tolist(), "density": p.tolist()}


def wavelet_cases():
    for n, level in [(256, 4), (250, 3), (101, 2), (33, 1), (14, 1), (257, 5)]:
        for mode in ["symmetric", "periodization"]:
            x = signal(n, 5)
            c = pywt.wavedec(x, "db4", mode=mode, level=level)
            sigma = np.median(np.abs(c[-1])) / 0.6745
            t = sigma * np.sqrt(2 * np.log(n))
            denoised = pywt.waverec([c[0]] + [pywt.threshold(d, t, "soft") for d in c[1:]], "db4", mode=mode)[:n]
            yield {"n": n, "level": level, "mode": mode, "coefficients": [v.tolist() for v in c],
                   "maxLevel": pywt.dwt_max_level(n, "db4"), "threshold": float(t), "denoised": denoised.tolist()}


def short_wavelet_cases():
    """Signals shorter than the filter, one level."""
    for n in [1, 2, 3, 5, 7]:
        for mode in ["symmetric", "periodization"]:
            a, d = pywt.dwt(signal(n, 1), "db4", mode=mode)
            yield {"n": n, "mode": mode, "approximation": a.tolist(), "detail": d.tolist(),
                   "inverse": pywt.idwt(a, d, "db4", mode=mode).tolist()}


def electrode_positions():
    """MNE's easycap-M1 montage: directions of the maker's spherical angles (steps of 23 degrees
    where the ideal has 22.5)."""
    positions = mne.channels.make_standard_montage("easycap-M1").get_positions()["ch_pos"]
    return {name: np.round(p / np.linalg.norm(p), 5).tolist() for name, p in positions.items()}


def spline_cases():
    """Spherical splines between some of the cap's electrodes, with MNE's constants, unsmoothed
    too."""
    cap = electrode_positions()
    electrodes = "Fp1 Fp2 F7 F3 Fz F4 F8 T7 C3 Cz C4 T8 P7 P3 Pz P4 P8 O1 O2".split()
    points = ["AFz", "FC5", "CP2", "PO8", "TP10", "Cz"]
    at = lambda names: np.array([cap[name] for name in names])
    weights = [_make_interpolation_matrix(at(electrodes), at(points), alpha=alpha).tolist() for alpha in (1e-5, 1e-2)]
    x = np.linspace(-1, 1, 41)
    return {"x": x.tolist(), "kernel": _calc_g(x).tolist(), "electrodes": electrodes, "points": points,
            "smoothing": [1e-5, 1e-2], "weights": weights}


def dump(name, value):
    (HERE / name).write_text(json.dumps(value, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    dump("versions.json", {"python": platform.python_version(), "numpy": np.__version__, "scipy": scipy.__version__,
                           "pywavelets": pywt.__version__, "mne": mne.__version__})
    dump("butterworth.json", list(butter_cases()))
    dump("filtering.json", {"filters": list(filter_cases()), "founding": founding_filter(), "notches": list(notch_cases())})
    dump("electrodes.json", electrode_positions())
    dump("splines.json", spline_cases())
    dump("resampling.json", list(resample_cases()))
    dump("spectra.json", list(welch_cases()))
    dump("wavelets.json", {"several": list(wavelet_cases()), "short": list(short_wavelet_cases()), "low": pywt.Wavelet("db4").dec_lo})
