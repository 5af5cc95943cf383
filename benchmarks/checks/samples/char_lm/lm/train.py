"""The training loop."""

import random
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch.optim import AdamW
from torch.utils.data import DataLoader, RandomSampler
from tqdm import tqdm

from lm.data import Corpus
from lm.model import CharacterModel


def seed_everything(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def train(corpus: Corpus, model_config: dict[str, Any], config: dict[str, Any]) -> float:
    """Mean loss of the last hundred steps, in nats."""
    seed_everything(config["seed"])
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = CharacterModel(corpus.vocabulary, corpus.context, **model_config).to(device)
    optimizer = AdamW(model.parameters(), lr=config["learning_rate"], weight_decay=config["weight_decay"])
    sampler = RandomSampler(corpus, replacement=True, num_samples=config["steps"] * config["batch_size"])
    losses: list[float] = []
    for ids, targets in tqdm(DataLoader(corpus, batch_size=config["batch_size"], sampler=sampler)):
        logits = model(ids.to(device))
        loss = F.cross_entropy(logits.flatten(0, 1), targets.to(device).flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
    return float(np.mean(losses[-100:]))
