"""The reference implementations behind the book: one way, small, readable.

``import recbook`` is light. The names of the stub beside this file are imported when
they are first used, so neither pandas, matplotlib nor TensorFlow loads before something
needs it.

>>> import recbook
>>> recbook.Ratings.__name__
'Ratings'
"""

from lazy_loader import attach_stub

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
