"""Checkpoints in Detoxify's format: what `detoxify.Detoxify(checkpoint=...)` reads.

A checkpoint is one file with the weights and the names of the attributes; beside it lies a
folder with the architecture's config and the tokenizer, so that nothing is fetched.
"""

from collections.abc import Sequence
from pathlib import Path

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase


def save(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    attributes: Sequence[str],
    folder: Path,
) -> tuple[Path, Path]:
    """Write `folder/model.ckpt` and `folder/hf/`; return both paths, absolute.

    `model_type` is the absolute path of the config folder: Detoxify resolves it even when
    `huggingface_config_path` is given, so a hub name here would reach for the network.
    """
    config_folder = (folder / "hf").resolve()
    config_folder.mkdir(parents=True, exist_ok=True)
    model.config.save_pretrained(config_folder)
    tokenizer.save_pretrained(config_folder)
    checkpoint = (folder / "model.ckpt").resolve()
    torch.save(
        {
            "state_dict": model.state_dict(),
            "config": {
                "arch": {
                    "args": {
                        "model_type": str(config_folder),
                        "model_name": type(model).__name__,
                        "tokenizer_name": type(tokenizer).__name__,
                        "num_classes": len(attributes),
                    }
                },
                "dataset": {"args": {"classes": list(attributes)}},
            },
        },
        checkpoint,
    )
    return checkpoint, config_folder
