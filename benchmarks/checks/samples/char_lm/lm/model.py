"""A decoder with causal attention."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor


class Attention(nn.Module):
    """Causal self-attention: x (B, N, d) → (B, N, d)."""

    def __init__(self, width: int, heads: int, context: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.project = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.drop = nn.Dropout(dropout)
        self.register_buffer("mask", torch.tril(torch.ones(context, context)).bool())

    def split(self, x: Tensor) -> Tensor:
        B, N, d = x.shape
        return x.view(B, N, self.heads, d // self.heads).transpose(1, 2)

    def forward(self, x: Tensor) -> Tensor:
        # §3.2, Eq. 1 [E1]: softmax(QK^T / sqrt(d_k)) V
        B, N, d = x.shape
        q, k, v = (self.split(part) for part in self.project(x).chunk(3, dim=-1))
        scores = q @ k.transpose(-2, -1) / math.sqrt(d // self.heads)
        scores = scores.masked_fill(~self.mask[:N, :N], float("-inf"))
        mixed = self.drop(F.softmax(scores, dim=-1)) @ v
        return self.out(mixed.transpose(1, 2).reshape(B, N, d))


class Block(nn.Module):
    def __init__(self, width: int, heads: int, context: int, dropout: float) -> None:
        super().__init__()
        self.attention = Attention(width, heads, context, dropout)
        self.first, self.second = nn.LayerNorm(width), nn.LayerNorm(width)
        self.feed_forward = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attention(self.first(x))
        return x + self.feed_forward(self.second(x))


class CharacterModel(nn.Module):
    """Ids (B, N) → logits (B, N, V)."""

    def __init__(self, vocabulary: int, context: int, width: int, heads: int, layers: int, dropout: float) -> None:
        super().__init__()
        self.embed = nn.Embedding(vocabulary, width)
        self.position = nn.Parameter(torch.zeros(1, context, width))
        self.blocks = nn.ModuleList(Block(width, heads, context, dropout) for _ in range(layers))
        self.head = nn.Linear(width, vocabulary, bias=False)
        self.apply(self._initialise)

    def _initialise(self, module: nn.Module) -> None:
        if isinstance(module, nn.Linear):
            nn.init.xavier_uniform_(module.weight)

    def forward(self, ids: Tensor) -> Tensor:
        x = self.embed(ids) + self.position[:, : ids.shape[1]]
        for block in self.blocks:
            x = block(x)
        return self.head(x)

    @torch.no_grad()
    def generate(self, ids: Tensor, length: int) -> Tensor:
        self.eval()
        for _ in range(length):
            logits = self(ids[:, -self.position.shape[1] :])[:, -1]
            ids = torch.cat([ids, torch.multinomial(logits.softmax(-1), 1)], dim=1)
        self.train()
        return ids

    @property
    def size(self) -> int:
        return sum(parameter.numel() for parameter in self.parameters())
