"""How long a text a transformer can read at once."""

from typing import Any


def longest_input(config: Any) -> int:
    """Tokens that an architecture's positions allow, from its transformers config.

    RoBERTa and XLM-R count positions from behind the padding token's number, and lose those before.
    """
    positions = int(config.max_position_embeddings)
    if config.model_type in ("roberta", "xlm-roberta"):
        return positions - int(config.pad_token_id) - 1
    return positions
