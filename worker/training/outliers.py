"""What int8 may not touch: the few inputs of a layer that are far larger than the rest.

One scale serves all inputs of a layer, so a handful of large ones leaves the others a few steps to
be told apart by. They are multiplied apart, as they are; the layer says the same as before.
"""

import re
from collections.abc import Sequence
from functools import partial

import torch
from tokenizers import Tokenizer
from transformers import PreTrainedModel

APART = {
    re.compile(r"\.\d+\.intermediate\.dense$"): 8,
    re.compile(r"\.\d+\.output\.dense$"): 32,
}
"""Inputs that are multiplied apart, of 384 and of 1,536, in the layers in which int8 lost most."""

LONGEST = 128
"""Tokens of a text that are looked at."""


class Split(torch.nn.Linear):
    """A layer that multiplies the inputs `apart` by weights of their own, `kept`."""

    apart: torch.Tensor
    kept: torch.Tensor
    others: torch.Tensor

    def forward(self, given: torch.Tensor) -> torch.Tensor:
        large = torch.index_select(given, -1, self.apart)
        rest = torch.nn.functional.linear(given * self.others, self.weight, self.bias)
        return rest + torch.matmul(large, self.kept)


def split(net: PreTrainedModel, tokenizer: Tokenizer, texts: Sequence[str]) -> None:
    """Set apart the inputs that are the largest on `texts`, in place."""
    layers = {
        name: (layer, count)
        for name, layer in net.named_modules()
        for kind, count in APART.items()
        if kind.search(name)
    }
    largest: dict[str, torch.Tensor] = {}
    hooks = [
        layer.register_forward_pre_hook(partial(_remember, largest, name))
        for name, (layer, _) in layers.items()
    ]
    with torch.no_grad():
        for encoding in tokenizer.encode_batch(list(texts)):
            net(input_ids=torch.tensor([encoding.ids[:LONGEST]]))
        for hook in hooks:
            hook.remove()
        for name, (layer, count) in layers.items():
            apart = largest[name].topk(count).indices.sort().values
            others = torch.ones(layer.in_features)
            others[apart] = 0.0
            layer.register_buffer("apart", apart)
            layer.register_buffer("kept", layer.weight[:, apart].T.contiguous().clone())
            layer.register_buffer("others", others)
            # The layer keeps its name and its weights' names, by which an export is read again.
            layer.__class__ = Split


def _remember(
    largest: dict[str, torch.Tensor], name: str, _: torch.nn.Module, given: tuple[torch.Tensor]
) -> None:
    found = given[0].abs().flatten(0, -2).amax(dim=0)
    largest[name] = torch.maximum(found, largest.get(name, found)).clone()
