"""The trie of code words: which codes may follow which beginnings."""

import numpy as np

from recbook.deep.semantic.codes import check_words

__all__ = ["Trie"]


class Trie:
    """A tree with a branch for each code and a leaf for each item.

    A *node* of level l is a beginning of l codes that some item has. Node 0 of level 0
    is the root, the empty beginning. The nodes of a level are numbered in the order of
    their codes.

    Parameters
    ----------
    codes : (n_items, n_levels) array_like of int
        The items' words, all different. A level's alphabet goes up to its largest code.

    Attributes
    ----------
    codes : (n_items, n_levels) int64 array
        The words.
    sizes : list of int
        The alphabet of each level.
    nodes : (n_items, n_levels) int64 array
        In column l the node of level l above each item, at which code l is chosen.
    beginnings : list of (n_nodes, l) int64 arrays
        For each level l the codes on the way to each of its nodes.
    children : list of (n_nodes, size) int64 arrays
        For each level and node the node of the next level that a code leads to, and -1
        for a code that does not exist here. At the last level it is the item.
    allowed : list of (n_nodes, size) bool arrays
        For each level which codes exist below each node.

    Raises
    ------
    ValueError
        If the words are no table of integers of at least 0, or two are equal. The
        message names the rows.

    Examples
    --------
    >>> trie = Trie([[0, 1], [0, 0], [1, 1]])
    >>> trie.nodes.tolist()  # at level 1, two items are below node 0 and one below 1
    [[0, 0], [0, 0], [0, 1]]
    >>> trie.allowed[1].tolist()
    [[True, True], [False, True]]
    """

    def __init__(self, codes):
        self.codes = check_words("codes", codes)
        if 0 in self.codes.shape:
            raise ValueError(
                f"codes must have a word for each item, got shape {self.codes.shape}"
            )
        if (self.codes < 0).any():
            row, column = np.argwhere(self.codes < 0)[0]
            raise ValueError(
                f"codes[{row}, {column}] is {self.codes[row, column]}, but a code is 0 "
                "or more"
            )
        self.sizes = (self.codes.max(axis=0) + 1).tolist()
        self._check_different()
        heads = [self.codes[:, :level] for level in range(len(self.sizes))]
        found = [np.unique(head, axis=0, return_inverse=True) for head in heads]
        self.beginnings = [beginnings for beginnings, _ in found]
        self.nodes = np.column_stack([node.ravel() for _, node in found])
        below = np.column_stack([self.nodes[:, 1:], np.arange(len(self.codes))])
        self.children = []
        for level, size in enumerate(self.sizes):
            child = np.full((len(self.beginnings[level]), size), -1)
            child[self.nodes[:, level], self.codes[:, level]] = below[:, level]
            self.children.append(child)
        self.allowed = [child >= 0 for child in self.children]

    def _check_different(self):
        words, n = np.unique(self.codes, axis=0, return_counts=True)
        if (n > 1).any():
            word = words[n > 1][0]
            rows = np.flatnonzero((self.codes == word).all(axis=1))[:2].tolist()
            raise ValueError(
                f"codes[{rows[0]}] and codes[{rows[1]}] are both {word.tolist()}; "
                "give every item a word of its own, as SemanticIDs does"
            )
