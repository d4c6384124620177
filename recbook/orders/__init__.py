"""A reader's order log: read with a receipt, split by time, counted by customer."""

from recbook.orders.log import Orders

__all__ = ["Orders"]
