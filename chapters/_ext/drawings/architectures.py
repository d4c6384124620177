"""Draw an architecture of each network of part 4, as SVG.

Usage: python chapters/_ext/drawings/architectures.py

Their visual language is layers.py, and each family of models has a module.
"""

import events
import key
import pairs
import rows
import sequences
import steps
from drawing import write

FAMILIES = [key, pairs, rows, steps, sequences, events]
FIGURES = {
    f"architecture-{name}.svg": draw
    for family in FAMILIES
    for name, draw in family.FIGURES.items()
}

if __name__ == "__main__":
    write(FIGURES)
