"""Runs over seeds."""

import statistics

import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.metrics import accuracy_score
from torch_geometric.datasets import Planetoid

from .layers import Convolution
from .settings import Settings


class Network(nn.Module):
    def __init__(self, inputs: int, classes: int, settings: Settings) -> None:
        super().__init__()
        self.settings = settings
        self.first = Convolution(inputs, settings.model.hidden)
        self.second = Convolution(settings.model.hidden, classes)

    def forward(self, x, edges):
        x = F.dropout(x, self.settings.model.dropout, training=self.training)
        x = self.first(x, edges).relu()
        return self.second(F.dropout(x, self.settings.model.dropout, training=self.training), edges)


def run(settings: Settings, seed: int) -> float:
    torch.manual_seed(seed)
    dataset = Planetoid(settings.data.root, settings.data.name)
    graph = dataset[0]
    network = Network(dataset.num_features, dataset.num_classes, settings)
    optimizer = torch.optim.Adam(network.parameters(), lr=settings.optim.lr)
    for _ in range(settings.optim.epochs):
        network.train()
        optimizer.zero_grad()
        logits = network(graph.x, graph.edge_index)
        F.cross_entropy(logits[graph.train_mask], graph.y[graph.train_mask]).backward()
        optimizer.step()
    network.eval()
    predicted = network(graph.x, graph.edge_index).argmax(dim=1)
    return 100.0 * float(accuracy_score(graph.y[graph.test_mask], predicted[graph.test_mask]))


def run_all(settings: Settings) -> dict[str, dict[str, object]]:
    runs = [run(settings, seed) for seed in settings.optim.seeds]
    return {"cora/accuracy": {"mean": statistics.fmean(runs), "std": statistics.stdev(runs), "runs": runs}}
