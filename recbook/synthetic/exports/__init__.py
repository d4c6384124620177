"""Files as shops export them, invented: the examples of part 8, and files refused."""

from recbook.synthetic.exports.folder import generate, write

__all__ = ["generate", "write"]
