"""Text as windows of character ids."""

from pathlib import Path

import torch
from torch import Tensor
from torch.utils.data import Dataset


def load_text(path: str) -> str:
    return Path(path).read_text(encoding="utf-8")


class Corpus(Dataset):
    """Windows of `context` characters, each with the window one further on as its target."""

    def __init__(self, text: str, context: int) -> None:
        self.symbols = sorted(set(text))
        self.context = context
        self.ids = torch.tensor([self.symbols.index(symbol) for symbol in text])

    def __len__(self) -> int:
        return len(self.ids) - self.context

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        window = self.ids[index : index + self.context + 1]
        return window[:-1], window[1:]

    @property
    def vocabulary(self) -> int:
        return len(self.symbols)
