r"""The index of the films: a graph that leads to the vectors of the largest product.

A graph is walked towards what is *near*, and the largest product is not the nearest: a
long vector has large products with everything. So each film gets one coordinate more,

.. math:: \tilde q = \Bigl[q, \sqrt{M^2 - \|q\|^2}\Bigr], \qquad \tilde p = [p, 0],

with M the length of the longest. Then all films are of length M, and since
:math:`\|\tilde p - \tilde q\|^2 = \|p\|^2 + M^2 - 2 p^\top q`, the nearest is the one
of the largest product (Bachrach et al. 2014, section 3).
"""

from pathlib import Path

import numpy as np

__all__ = ["augmented", "build", "holds", "read", "search", "write"]

# Links of each film; films looked at for each while building, and for each query.
LINKS, BUILD, ASK = 32, 200, 256


def augmented(vectors):
    """Return the films with the coordinate that makes them equally long, float32.

    >>> augmented(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist()
    [[3.0, 4.0, 0.0], [0.0, 0.0, 5.0]]
    """
    squares = (np.asarray(vectors, dtype=np.float64) ** 2).sum(axis=1)
    last = np.sqrt(squares.max() - squares)
    return np.column_stack([vectors, last]).astype(np.float32)


def build(vectors):
    """Return an HNSW graph over the augmented rows of ``vectors``.

    The films' levels are drawn from faiss's own fixed seed, and one thread adds them in
    order: the same vectors make the same graph.
    """
    import faiss

    rows = augmented(vectors)
    index = faiss.IndexHNSWFlat(rows.shape[1], LINKS, faiss.METRIC_L2)
    index.hnsw.efConstruction = BUILD
    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    index.add(rows)
    faiss.omp_set_num_threads(threads)
    return index


def holds(index, vectors):
    """Tell whether these are the vectors that the index was built over."""
    kept = index.reconstruct_n(0, index.ntotal)
    return np.allclose(kept, augmented(vectors), rtol=1e-4, atol=1e-4)


def search(index, user, n):
    """Return the rows of about the ``n`` largest products, the largest first."""
    import faiss

    look = faiss.SearchParametersHNSW(efSearch=max(ASK, n))
    query = np.append(user, 0.0).astype(np.float32)[None]
    _, rows = index.search(query, n, params=look)
    return rows[0][rows[0] >= 0]


def write(index, path):
    """Write the index, or an empty file for none.

    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write(None, Path(folder) / "index")
    ...     read(Path(folder) / "index") is None
    True
    """
    if index is None:
        path.write_bytes(b"")
        return
    import faiss

    faiss.write_index(index, str(path))


def read(path):
    """Return the index in a file, or None if the file is empty.

    >>> read("nowhere")
    Traceback (most recent call last):
    ...
    FileNotFoundError: [Errno 2] No such file or directory: 'nowhere'
    """
    path = Path(path)
    if not path.stat().st_size:
        return None
    import faiss

    return faiss.read_index(str(path))
