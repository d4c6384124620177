"""The campaign project: who gets what of a shop, with a forecast of the profit."""
