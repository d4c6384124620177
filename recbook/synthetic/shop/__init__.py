"""The log of a shop, invented: products, customers, and what they do."""
