"""A network as one file (.npz, arrays only): what the store keeps and every process reads back."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from geo.walking.network import Network, plane_of

_ARRAYS = ("lon", "lat", "x", "y", "z", "a", "b", "length", "kind", "structure", "wheels", "one_way", "way")
_TEXTS = ("name", "hours", "fare")


def pack(network: Network) -> bytes:
    """The file of a network."""
    out = io.BytesIO()
    arrays: dict[str, Any] = {key: getattr(network, key) for key in _ARRAYS}
    arrays |= {key: np.asarray(getattr(network, key), dtype=np.str_) for key in _TEXTS}
    arrays |= {"middle": np.array(network.middle)}
    arrays |= {"source": np.array(network.source), "dated": np.array(network.dated)}
    np.savez_compressed(out, **arrays)
    return out.getvalue()


def unpack(data: bytes) -> Network:
    """The network of a file. Nothing in it is executed. Raises ValueError for any other file."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            arrays = {key: file[key] for key in _ARRAYS}
            texts = {key: file[key].astype(object) for key in _TEXTS}
            middle = (float(file["middle"][0]), float(file["middle"][1]))
            source, dated = str(file["source"]), str(file["dated"])
    except (OSError, KeyError, EOFError) as error:
        raise ValueError(f"no street network: {error}") from error
    return Network(**arrays, **texts, plane=plane_of(*middle), middle=middle, source=source, dated=dated)
