"""A second opinion that knows no grammar: which pieces of words, alone, in twos and in threes.

A logistic regression over them has learned after seconds what the network, on two cores, has not
seen often enough: which words and turns the Wikipedia's annotators called toxic. It reads the same
tokens as the network, so both go into one graph, and nothing that serves the model knows of it.
"""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from transformers import PreTrainedModel

from worker.training.examples import ATTRIBUTES, YES, Example

BUCKETS = 2**17
"""Places for twos and threes of tokens, which share them by a hash."""

LONGEST = 128
"""Tokens of a text that are looked at."""

SHARES = {"toxicity": 0.2, "obscene": 0.15, "insult": 0.1}
"""How much of the second opinion is added to the network's logit; to the others nothing.

Chosen on held-out texts: more serves Wikipedia better and our own held-back kinds worse.
"""

_PAIR = (7_919, 104_729)
_TRIPLE = (15_485_863, 32_452_843, 49_979_687)
"""Primes that the tokens of a two and of a three are multiplied by for their hash."""


class Phrases(torch.nn.Module):
    """Tokens to one number a text: above 0 speaks for toxicity, below 0 against it."""

    def __init__(self, words: int) -> None:
        super().__init__()
        self.words = words
        self.table = torch.nn.Embedding(words + BUCKETS, 1)
        torch.nn.init.zeros_(self.table.weight)
        self.shift = torch.nn.Parameter(torch.zeros(()))

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """`ids` and `mask` are batch x tokens; answers one number for each of the batch."""
        places, present = _places(ids, mask, self.words)
        found = self.table(places).squeeze(-1) * present
        total: torch.Tensor = found.sum(dim=1) / present.sum(dim=1).clamp(min=1.0).sqrt()
        return total + self.shift


def _places(ids: torch.Tensor, mask: torch.Tensor, words: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The rows of the table that a text's tokens, twos and threes have, and which of them exist."""
    # Two more columns, so that a text of one token has twos and threes as well: none that count.
    none = torch.zeros_like(ids[:, :1])
    ids, mask = torch.cat([ids, none, none], dim=1), torch.cat([mask, none, none], dim=1)
    first, second, third = ids[:, :-2], ids[:, 1:-1], ids[:, 2:]
    there = mask[:, :-2], mask[:, :-2] * mask[:, 1:-1], mask[:, :-2] * mask[:, 1:-1] * mask[:, 2:]
    pairs = first * _PAIR[0] + second * _PAIR[1]
    triples = first * _TRIPLE[0] + second * _TRIPLE[1] + third * _TRIPLE[2]
    hashed = [words + torch.remainder(each, BUCKETS) for each in (pairs, triples)]
    return torch.cat([first, *hashed], dim=1), torch.cat(there, dim=1).float()


def learn(tokenizer: Tokenizer, examples: Sequence[Example]) -> Phrases:
    """The regression of Wikipedia's toxicity, in a few seconds."""
    from scipy.sparse import diags
    from sklearn.linear_model import LogisticRegression

    read = [e for e in examples if e.source == "wikipedia" and not e.held_out]
    phrases = Phrases(tokenizer.get_vocab_size())
    truth = np.array([e.labels["toxicity"] >= YES for e in read], dtype=bool)
    if truth.all() or not truth.any():
        return phrases
    counted = _counted(phrases, tokenizer, [e.text for e in read])
    seen = np.asarray((counted > 0).sum(axis=0)).ravel()
    # What a single text has is no evidence, what every text has is little.
    rarity = np.log((1 + len(read)) / (1 + seen)) * (seen > 1)
    regression = LogisticRegression(C=2.0, solver="liblinear", class_weight="balanced")
    regression.fit(counted @ diags(rarity), truth)
    with torch.no_grad():
        phrases.table.weight[:, 0] = torch.tensor(regression.coef_[0] * rarity)
        phrases.shift.fill_(float(regression.intercept_[0]))
    return phrases


def _counted(phrases: Phrases, tokenizer: Tokenizer, texts: Sequence[str]) -> Any:
    """Texts x places, sparse: how often each is there, over the root of how many there are."""
    from scipy.sparse import csr_matrix

    lines: list[NDArray[np.int64]] = []
    for encoding in tokenizer.encode_batch(list(texts)):
        ids = torch.tensor([encoding.ids[:LONGEST]])
        places, present = _places(ids, torch.ones_like(ids), phrases.words)
        lines.append(places[present > 0].numpy())
    sizes = [len(line) for line in lines]
    values = np.concatenate([np.full(size, 1 / np.sqrt(size)) for size in sizes])
    rows = np.repeat(np.arange(len(lines)), sizes)
    shape = (len(lines), phrases.words + BUCKETS)
    return csr_matrix((values, (rows, np.concatenate(lines))), shape=shape)


class Blended(torch.nn.Module):
    """The network with its second opinion; it is called and answers as the network does."""

    def __init__(self, net: PreTrainedModel, phrases: Phrases) -> None:
        super().__init__()
        self.net, self.phrases = net, phrases
        shares = torch.tensor([SHARES.get(name, 0.0) for name in ATTRIBUTES])
        self.shares = torch.nn.Parameter(shares)

    @property
    def config(self) -> Any:
        return self.net.config

    @property
    def classifier(self) -> Any:
        return self.net.classifier

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor | None = None
    ) -> SimpleNamespace:
        mask = torch.ones_like(input_ids) if attention_mask is None else attention_mask
        logits = self.net(input_ids=input_ids, attention_mask=mask).logits
        opinion = self.phrases(input_ids, mask)
        return SimpleNamespace(logits=logits + opinion[:, None] * self.shares)
