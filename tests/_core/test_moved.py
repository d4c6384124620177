"""Pickles of version 0.1 name modules that have moved, and are still read."""

import importlib
import pickle
import sys

import pytest

from recbook._core import moved

CLASSES = {
    "recbook._bayesian_draws": "Draws",
    "recbook._bayesian_time": "Timeline",
    "recbook.deep._denoising": "MultDAE",
    "recbook.deep._din": "DIN",
    "recbook.deep._knowledge": "KnowledgeMF",
    "recbook.deep._retrieval_towers": "RetrievalTowers",
    "recbook.deep._variational": "MultVAE",
}


@pytest.mark.parametrize("module", moved.HOMES)
def test_an_old_pickle_finds_its_class(module):
    name = CLASSES[module]
    found = pickle.loads(f"c{module}\n{name}\n.".encode())
    assert found is getattr(importlib.import_module(moved.HOMES[module]), name)


def test_no_other_name_is_answered():
    with pytest.raises(ModuleNotFoundError, match=r"recbook\._other"):
        importlib.import_module("recbook._other")
    with pytest.raises(AttributeError, match="Sampler"):
        pickle.loads(b"crecbook._bayesian_draws\nSampler\n.")


def test_it_is_asked_last_and_once():
    moved.install()
    assert sys.meta_path.count(moved.Moved) == 1
