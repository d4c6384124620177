"""Views, carts, purchases and the moment in one network, by attention over events."""

from recbook.deep.behaviour.model import MultiBehaviour

__all__ = ["MultiBehaviour"]
