"""Boosted decision trees as arrays of numbers, and what they say of rows of numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

# what a machine's logarithm may make of the last digits must not matter
DECIMALS = 4


@dataclass(frozen=True, slots=True)
class Trees:
    """Trees of one depth, each node's children at 2n + 1 and 2n + 2.

    A row goes left where its number `feature` is at most `threshold`. The leaves a row comes to are
    summed; the logistic function of the sum is its probability.
    """

    feature: NDArray[np.int16]
    threshold: NDArray[np.float32]
    leaf: NDArray[np.float32]

    def probabilities(self, rows: Sequence[Sequence[float]]) -> list[float]:
        """How likely each row is, to four decimals: the same on every machine."""
        table = np.round(np.array(rows, dtype=np.float64), DECIMALS).astype(np.float32)
        trees, nodes = self.feature.shape
        first_nodes = np.arange(trees) * nodes
        features, thresholds = self.feature.ravel(), self.threshold.ravel()
        width = table.shape[1]
        first_cells = (np.arange(len(table)) * width)[:, None]
        cells = table.ravel()
        node = np.zeros((len(table), trees), dtype=np.int64)
        for _ in range(nodes.bit_length()):
            at = node + first_nodes
            values = cells.take(first_cells + features.take(at))
            node = 2 * node + 1 + (values > thresholds.take(at))
        leaves = self.leaf.ravel().take(node - nodes + np.arange(trees) * (nodes + 1))
        sums = leaves.astype(np.float64).sum(axis=1)
        return [float(p) for p in np.round(1.0 / (1.0 + np.exp(-sums)), DECIMALS)]

    def arrays(self, name: str) -> dict[str, NDArray[np.generic]]:
        """What `of_arrays` takes."""
        return {
            f"{name}_feature": self.feature,
            f"{name}_threshold": self.threshold,
            f"{name}_leaf": self.leaf,
        }

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, NDArray[np.generic]], name: str) -> Self:
        return cls(
            arrays[f"{name}_feature"].astype(np.int16),
            arrays[f"{name}_threshold"].astype(np.float32),
            arrays[f"{name}_leaf"].astype(np.float32),
        )
