"""The base of the package: nothing here imports another part of recbook."""
