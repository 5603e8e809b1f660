"""The weights of an exported model, for a run to go on from where an earlier one ended."""

from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from transformers import PreTrainedModel

from config.model import ModelError, read_card
from worker.scorers.onnx import MODEL_FILE
from worker.training.examples import ATTRIBUTES

HEAD = "classifier"


def go_on_from(folder: Path, model: PreTrainedModel) -> None:
    """Put the weights of the model exported to `folder` into `model`, in place.

    They come back from int8 as exact as int8 is. An attribute that the earlier model did not score
    starts from the mean of those that it did. Raises ModelError for a model of another make.
    """
    path = folder / MODEL_FILE
    graph = onnx.load(path).graph
    stored = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
    matrices = _matrices(graph)
    # Beside its second opinion the network is a part of the model; alone it is the model.
    prefix = "model.net." if any(name.startswith("model.net.") for name in stored) else "model."
    found = {}
    for name, wanted in model.named_parameters():
        kept = prefix + name
        if kept in stored:
            value = stored[kept]
        elif kept in matrices:
            value = _exact(matrices[kept], stored, axis=1).T
        elif f"{kept}_quantized" in stored:
            value = _exact(kept, stored, axis=None)
        else:
            raise ModelError(f"{path}: has no {name}")
        if name.startswith(HEAD):
            value = _head(value, read_card(folder)["attributes"])
        if value.shape != tuple(wanted.shape):
            raise ModelError(f"{path}: {name} is not of this model's shape")
        found[name] = torch.tensor(value)
    model.load_state_dict(found, strict=False)


def _matrices(graph: onnx.GraphProto) -> dict[str, str]:
    """What the exporter calls a layer's weights, by what the model calls them.

    The exporter turns matrices round and numbers them; their biases, which are added to the product
    a few steps on, keep their names.
    """
    users = {given: node for node in graph.node for given in node.input}
    names = {}
    for node in graph.node:
        if node.op_type == "MatMulInteger":
            step = node
            while step.op_type != "Add":
                step = users[step.output[0]]
            [bias] = [given for given in step.input if given.endswith(".bias")]
            weight = bias.removesuffix(".bias") + ".weight"
            names[weight] = node.input[1].removesuffix("_quantized")
    return names


def _exact(
    name: str, stored: dict[str, NDArray[np.generic]], axis: int | None
) -> NDArray[np.float32]:
    """An int8 weight as numbers again; its scale is one for all, or one for each of `axis`."""
    quantised = stored[f"{name}_quantized"].astype(np.float32)
    scale = stored[f"{name}_scale"].astype(np.float32)
    zero = stored[f"{name}_zero_point"].astype(np.float32)
    if axis is not None and scale.ndim:
        shape = [1] * quantised.ndim
        shape[axis] = -1
        scale, zero = scale.reshape(shape), zero.reshape(shape)
    exact: NDArray[np.float32] = (quantised - zero) * scale
    return exact


def _head(rows: NDArray[np.float32], attributes: list[str]) -> NDArray[np.float32]:
    """The last layer's rows in the order of `ATTRIBUTES`."""
    return np.stack(
        [
            rows[attributes.index(name)] if name in attributes else rows.mean(axis=0)
            for name in ATTRIBUTES
        ]
    )
