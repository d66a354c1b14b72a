"""NumPy and SciPy: pickles, npy, npz, joblib with every compressor."""
import io
import pickle

import joblib
import numpy as np


def write(writer):
    rng = np.random.default_rng(1)
    arrays = {
        "float64": rng.normal(size=(7, 3)), "float32": rng.normal(size=20).astype("f4"), "float16": np.ones(3, "f2"), "int64": np.arange(9), "int8": np.arange(5, dtype="i1"),
        "bool": np.array([True, False]), "complex": np.array([1 + 2j]), "text": np.array(["a", "bcd"]), "bytes": np.array([b"a", b"bcd"]), "datetime": np.array(["2024-01-01"], "M8[D]"),
        "empty": np.zeros((0, 4)), "scalar": np.float64(3.5), "fortran": np.asfortranarray(np.ones((3, 4))), "big-endian": np.arange(4, dtype=">i4"),
        "structured": np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]), "object-texts": np.array(["x", None, 3], dtype=object), "masked": np.ma.array([1, 2], mask=[0, 1]), "matrix": np.asmatrix(np.eye(2)),
        "large": rng.normal(size=(200, 50)),
    }
    for name, array in arrays.items():
        for protocol in (0, 2, 3, 4, 5):
            writer.attempt(name, lambda: writer.write(f"{name}.p{protocol}.pkl", pickle.dumps({"array": array, "name": name}, protocol)))
        if name not in ("masked", "scalar"):
            writer.attempt(name, lambda: np.save(writer.path(f"{name}.npy"), np.asarray(array), allow_pickle=True))
        writer.attempt(name, lambda: joblib.dump([array, {"k": array}], writer.path(f"{name}.joblib")))
    for compress in (3, ("zlib", 9), ("gzip", 3), ("bz2", 3), ("lzma", 3), ("xz", 3), ("lz4", 3)):
        method = compress if isinstance(compress, int) else compress[0]
        writer.attempt(f"joblib {method}", lambda: joblib.dump({"w": arrays["large"], "b": arrays["float32"], "s": "text"}, writer.path(f"weights-{method}.joblib"), compress=compress))
    writer.attempt("npz", lambda: np.savez(writer.path("arrays.npz"), **{k: v for k, v in arrays.items() if k not in ("object-texts", "masked")}))
    writer.attempt("npz", lambda: np.savez_compressed(writer.path("arrays-compressed.npz"), a=arrays["large"], b=arrays["int64"]))
    for name, value in {"dtype": np.dtype("f4"), "generator": np.random.default_rng(3), "random-state": np.random.RandomState(3), "polynomial": np.polynomial.Polynomial([1, 2]), "ufunc": np.add, "scalars": [np.int32(1), np.str_("a"), np.bool_(True)], "poly1d": np.poly1d([1, 2])}.items():
        for protocol in (2, 4):
            writer.attempt(name, lambda: writer.write(f"{name}.p{protocol}.pkl", pickle.dumps(value, protocol)))
    sparse(writer, rng)


def sparse(writer, rng):
    import scipy.interpolate
    import scipy.sparse
    import scipy.spatial
    import scipy.stats

    matrix = scipy.sparse.random(20, 10, 0.2, random_state=1)
    for kind in ("csr", "csc", "coo", "lil", "dok", "bsr", "dia"):
        writer.attempt(kind, lambda: writer.write(f"sparse-{kind}.pkl", pickle.dumps(matrix.asformat(kind), 4)))
    writer.attempt("sparse npz", lambda: scipy.sparse.save_npz(writer.path("sparse.npz"), matrix.tocsr()))
    for name, value in {"kdtree": scipy.spatial.cKDTree(rng.normal(size=(20, 2))), "spline": scipy.interpolate.CubicSpline([0, 1, 2], [1, 2, 4]), "interp1d": scipy.interpolate.interp1d([0, 1], [1, 2]), "norm": scipy.stats.norm(0, 1), "rotation": scipy.spatial.transform.Rotation.from_euler("x", 1.0) if hasattr(scipy.spatial, "transform") else 1}.items():
        writer.attempt(name, lambda: writer.write(f"scipy-{name}.pkl", pickle.dumps(value, 4)))
        writer.attempt(name, lambda: joblib.dump(value, writer.path(f"scipy-{name}.joblib")))
