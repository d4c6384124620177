"""Recommenders that are neural networks, built with Keras 3 on TensorFlow.

TensorFlow is imported when the first network is built. Until then the classes can be
listed and given settings without it. It is the extra ``deep`` of the package.
"""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
