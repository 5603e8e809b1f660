"""A tiny model in training: stopped and gone on, calibrated, and taken up again from its export."""

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from config.model import BUNDLED, ModelError
from worker.training.examples import ATTRIBUTES, CLEAN, Example

pytestmark = pytest.mark.detoxify

RUDE = [f"You are an idiot, number {at}." for at in range(60)]
KIND = [f"Thank you for the harvest, number {at}." for at in range(60)]
EXAMPLES = [
    *(Example(text, CLEAN | {"toxicity": 1.0, "insult": 1.0}, "x") for text in RUDE),
    *(Example(text, dict(CLEAN), "x") for text in KIND),
]


def tiny(**more: Any) -> Any:
    from transformers import BertConfig

    from worker.training.train import fresh_model

    shape = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    return fresh_model(
        BertConfig(
            **shape | more,
            intermediate_size=64,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
        )
    )


def tokenizer() -> Any:
    from worker.training.build import plain_tokenizer

    return plain_tokenizer(BUNDLED)


def plan() -> Any:
    from worker.training.train import Plan

    return Plan("tiny", tokens=16_000, peak=1e-2, batch_tokens=256, check_every=10, warm_up=3)


def draw(chance: random.Random) -> list[Example]:
    return chance.sample(EXAMPLES, len(EXAMPLES))


def test_it_learns(tmp_path: Path) -> None:
    from worker.training.train import predict, train

    model = tiny()
    best = train(model, tokenizer(), draw, EXAMPLES, plan(), tmp_path)
    scores = predict(model, tokenizer(), [RUDE[0], KIND[0]])
    assert best > 0.99
    assert scores[0, ATTRIBUTES.index("insult")] > scores[1, ATTRIBUTES.index("insult")] + 0.3


def test_a_run_that_was_killed_goes_on_and_ends_where_it_would_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from worker.training import train as training

    class Killed(Exception):
        pass

    whole, parts = tiny(), tiny()
    for name in ("whole", "parts"):
        (tmp_path / name).mkdir()
    training.train(whole, tokenizer(), draw, EXAMPLES, plan(), tmp_path / "whole")

    monkeypatch.setattr(training, "SAVED_EVERY", 0.0)
    kept = training._write

    def killed_at_the_20th(what: dict[str, Any], path: Path) -> None:
        kept(what, path)
        if path.suffix == ".state" and what["counts"][1] == 20:
            raise Killed

    monkeypatch.setattr(training, "_write", killed_at_the_20th)
    with pytest.raises(Killed):
        training.train(parts, tokenizer(), draw, EXAMPLES, plan(), tmp_path / "parts")
    monkeypatch.setattr(training, "_write", kept)
    again = tiny()
    training.train(again, tokenizer(), draw, EXAMPLES, plan(), tmp_path / "parts")
    texts = [*RUDE[:5], *KIND[:5]]
    first, second = (training.predict(each, tokenizer(), texts) for each in (whole, again))
    assert np.abs(first - second).max() < 1e-3


def test_a_finished_stage_is_not_done_again(tmp_path: Path) -> None:
    from worker.training.train import predict, train

    done = tiny()
    train(done, tokenizer(), draw, EXAMPLES, plan(), tmp_path)

    def never(_: random.Random) -> list[Example]:
        raise AssertionError("it draws examples again")

    again = tiny()
    train(again, tokenizer(), never, EXAMPLES, plan(), tmp_path)
    assert (predict(again, tokenizer(), RUDE) == predict(done, tokenizer(), RUDE)).all()


def test_calibration_turns_scores_into_shares_and_changes_no_order() -> None:
    import torch

    from worker.training import calibration
    from worker.training.evaluate import calibration_error, reliability

    chance = np.random.default_rng(3)
    truth = chance.normal(size=4_000)
    people = (1 / (1 + np.exp(-truth)) > chance.random(4_000)).astype(float)
    boastful = 1 / (1 + np.exp(-(3 * truth + 1)))
    scores = np.tile(boastful[:, None], len(ATTRIBUTES)).astype(np.float32)
    examples = [replace(EXAMPLES[0], labels=CLEAN | {"insult": share}) for share in people]
    lines = calibration.fit(examples, scores)
    assert lines["threat"] == calibration.Line()  # nobody saw one: nothing to go by

    model = tiny()
    before = model.classifier.weight.detach().clone(), model.classifier.bias.detach().clone()
    calibration.fold(model, lines)
    row = ATTRIBUTES.index("insult")
    line = lines["insult"]
    assert line.slope > 0
    assert torch.allclose(model.classifier.weight[row], before[0][row] * line.slope)
    assert torch.allclose(model.classifier.bias[row], before[1][row] * line.slope + line.shift)
    honest = 1 / (1 + np.exp(-(line.slope * (3 * truth + 1) + line.shift)))
    shares = people.astype(np.float32)
    assert calibration_error(reliability(shares, scores[:, row])) > 0.1
    assert calibration_error(reliability(shares, honest.astype(np.float32))) < 0.03


def test_training_goes_on_from_a_model_of_the_same_make_alone() -> None:
    from worker.training.start import go_on_from

    with pytest.raises(ModelError, match=r"model\.onnx: .* is not of this model's shape"):
        go_on_from(BUNDLED, tiny(hidden_size=48))


def test_the_weights_of_an_export_are_what_it_serves() -> None:
    from transformers import BertConfig

    from worker.scorers.onnx import OnnxScorer
    from worker.training.start import go_on_from
    from worker.training.train import fresh_model, predict

    model = fresh_model(
        BertConfig(
            hidden_size=384, num_hidden_layers=6, num_attention_heads=12, intermediate_size=1536
        )
    )
    go_on_from(BUNDLED, model)
    # An attribute about which there is no second opinion.
    texts = ["All these people are vermin, Turks and Armenians alike.", KIND[0]]
    served = [answer["identity_attack"] for answer in OnnxScorer(BUNDLED).score(texts)]
    found = predict(model.eval(), tokenizer(), texts)[:, ATTRIBUTES.index("identity_attack")]
    assert served[0] > 0.5 > served[1]
    assert np.abs(found - np.array(served)).max() < 0.1


def blended() -> Any:
    import torch

    from worker.training.phrases import Blended, Phrases

    phrases = Phrases(tokenizer().get_vocab_size())
    torch.nn.init.normal_(phrases.table.weight)
    return Blended(tiny(), phrases).eval()


def test_the_second_opinion_is_in_the_graph_and_neither_padding_nor_neighbours_change_it(
    tmp_path: Path,
) -> None:
    import torch
    from transformers import PreTrainedTokenizerFast

    from worker.scorers.onnx import OnnxScorer
    from worker.training.export import Original, export

    made = blended()
    bert = PreTrainedTokenizerFast(tokenizer_file=str(BUNDLED / "tokenizer.json"))
    difference = export(Original(made, bert, "tiny", ATTRIBUTES, ("en",), 128, 32), tmp_path)
    assert difference < 0.02
    assert all(0 < score < 1 for score in OnnxScorer(tmp_path).score([""])[0].values())
    ids = torch.tensor([[101, 2017, 2024, 102, 0, 0]])
    padded = made(ids, (ids > 0).long()).logits
    assert torch.allclose(padded, made(ids[:, :4]).logits, atol=1e-4)


def test_the_order_of_words_counts() -> None:
    import torch

    made = blended()
    one, other = torch.tensor([[101, 5, 6, 7, 102]]), torch.tensor([[101, 7, 6, 5, 102]])
    everything = torch.ones_like(one)
    assert not torch.allclose(made.phrases(one, everything), made.phrases(other, everything))


def test_what_is_kept_of_a_mixed_stage_is_the_mean_of_its_states(tmp_path: Path) -> None:
    import torch

    from worker.training.train import train

    mixed, plain = tiny(), tiny()
    start = {name: value.clone() for name, value in mixed.state_dict().items()}
    for folder in ("mixed", "plain"):
        (tmp_path / folder).mkdir()
    train(mixed, tokenizer(), draw, EXAMPLES, replace(plan(), mixed=True), tmp_path / "mixed")
    train(plain, tokenizer(), draw, EXAMPLES, plan(), tmp_path / "plain")
    last = torch.load(tmp_path / "mixed" / "tiny.state", weights_only=True)["model"]
    name = "classifier.weight"
    expected = (start[name] + plain.state_dict()[name] + last[name]) / 3
    assert torch.allclose(mixed.state_dict()[name], expected, atol=1e-4)


def test_inputs_that_are_multiplied_apart_change_nothing() -> None:
    import torch

    from worker.training.outliers import APART, split

    model = tiny(hidden_size=64).eval()
    ids = torch.tensor([[101, 2017, 2024, 102]])
    before = model(input_ids=ids).logits
    split(model, tokenizer(), RUDE)
    after = model(input_ids=ids).logits
    assert torch.allclose(before, after, atol=1e-5)
    kept = [each.shape[0] for name, each in model.named_buffers() if name.endswith("kept")]
    assert sorted(kept) == sorted([*APART.values()] * 2)
