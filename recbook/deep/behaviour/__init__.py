"""One network for views, carts and purchases, by attention over past events."""

from recbook.deep.behaviour.model import MultiBehaviour

__all__ = ["MultiBehaviour"]
