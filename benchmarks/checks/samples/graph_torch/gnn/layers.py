"""Graph convolution and attention."""

from abc import ABC, abstractmethod
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch_geometric.utils import add_self_loops, degree


class Propagation(Protocol):
    def __call__(self, x: Tensor, edges: Tensor) -> Tensor: ...


class GraphLayer(nn.Module, ABC):
    """x (n, in), edges (2, m) → (n, out)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(inputs, outputs))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        nn.init.xavier_uniform_(self.weight)

    @abstractmethod
    def propagate(self, x: Tensor, edges: Tensor) -> Tensor:
        raise NotImplementedError

    def forward(self, x: Tensor, edges: Tensor) -> Tensor:
        return self.propagate(x @ self.weight, edges)


class Convolution(GraphLayer):
    def propagate(self, x: Tensor, edges: Tensor) -> Tensor:
        # §2, Eq. 2 [E2]: D^-1/2 (A + I) D^-1/2 X W
        edges, _ = add_self_loops(edges, num_nodes=x.size(0))
        source, target = edges
        scale = degree(target, x.size(0), dtype=x.dtype).pow(-0.5)
        messages = x[source] * (scale[source] * scale[target]).unsqueeze(-1)
        return torch.zeros_like(x).index_add(0, target, messages)


class Attention(GraphLayer):
    def __init__(self, inputs: int, outputs: int, slope: float) -> None:
        super().__init__(inputs, outputs)
        self.slope = slope
        self.source, self.target = nn.Linear(outputs, 1), nn.Linear(outputs, 1)

    def scores(self, x: Tensor, edges: Tensor) -> Tensor:
        raw = self.source(x)[edges[0]] + self.target(x)[edges[1]]
        return F.leaky_relu(raw, self.slope).exp().squeeze(-1)

    def propagate(self, x: Tensor, edges: Tensor) -> Tensor:
        weights = self.scores(x, edges)
        total = torch.zeros(x.size(0)).index_add(0, edges[1], weights)
        messages = x[edges[0]] * (weights / total[edges[1]]).unsqueeze(-1)
        return torch.zeros_like(x).index_add(0, edges[1], messages)
