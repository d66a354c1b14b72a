"""pandas objects as pickles (plain and compressed), CSV and JSON."""
import pickle

import numpy as np
import pandas as pd


def write(writer):
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"a": rng.normal(size=30), "b": np.arange(30), "c": ["x", "y", "z"] * 10, "d": pd.date_range("2024-01-01", periods=30), "e": pd.Categorical(["u", "v"] * 15), "f": [True, False] * 15})
    values = {
        "frame": frame, "numbers": frame[["a", "b"]], "series": frame["a"], "texts": frame["c"], "categories": frame["e"], "dates": frame["d"], "index": frame.index, "multi": frame.set_index(["c", "b"]),
        "empty": frame.iloc[:0], "nullable": pd.array([1, None, 3], dtype="Int64"), "boolean": pd.array([True, None], dtype="boolean"), "string": pd.array(["a", None], dtype="string"),
        "interval": pd.interval_range(0, 5), "period": pd.period_range("2024-01", periods=3, freq="M"), "timedelta": pd.to_timedelta(["1d", "2h"]), "timestamp": pd.Timestamp("2024-01-01", tz="UTC"),
        "sparse": pd.arrays.SparseArray([0, 0, 1]), "timezone": pd.date_range("2024-01-01", periods=3, tz="Europe/Berlin"), "offset": pd.offsets.MonthEnd(2), "na": pd.NA, "nat": pd.NaT,
        "dictionary of frames": {"train": frame, "test": frame.head(3)},
    }
    for name, value in values.items():
        for protocol in (2, 4, 5):
            writer.attempt(name, lambda: writer.write(f"{name.replace(' ', '-')}.p{protocol}.pkl", pickle.dumps(value, protocol)))
    for suffix in ("gz", "bz2", "xz", "zip", "zst", "tar"):
        writer.attempt(suffix, lambda: frame.to_pickle(writer.path(f"frame.pkl.{suffix}")))
    writer.attempt("csv", lambda: frame.to_csv(writer.path("frame.csv")))
    writer.attempt("json", lambda: frame.to_json(writer.path("frame.json")))
    writer.attempt("html", lambda: frame.to_html(writer.path("frame.html")))
