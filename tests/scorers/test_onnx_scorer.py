"""The bundled model, scored for real: no text breaks it, nothing is cut, the same is the same."""

import json
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from config.model import BUNDLED, ModelError, load_facts
from worker.scorers import load
from worker.scorers.onnx import OnnxScorer, content_version

FOUL = "You are a stupid fucking idiot and I will kill you."
KIND = "Thank you for this article, I learned a lot about the harvest in our valley."


@pytest.fixture(scope="module")
def scorer() -> OnnxScorer:
    return OnnxScorer(BUNDLED)


def test_every_text_gets_every_attribute_between_0_and_1(scorer: OnnxScorer) -> None:
    texts = [KIND, FOUL, "", "   ", "\n", "😀😀😀", "1234", "\u200b", "\ud800", "\x00", "Ⓘ ⓛⓞⓥⓔ"]
    scores = scorer.score(texts)
    assert len(scores) == len(texts)
    for found in scores:
        assert tuple(found) == load_facts(BUNDLED).attributes
        assert all(type(value) is float for value in found.values())
        assert all(0 <= value <= 1 for value in found.values())


def test_no_texts_no_scores(scorer: OnnxScorer) -> None:
    assert scorer.score([]) == []


@pytest.mark.parametrize(
    ("attribute", "attack"),
    [
        ("toxicity", FOUL),
        ("obscene", "What the fuck is this shit?"),
        ("insult", "You are a pathetic idiot."),
        ("threat", "I know where you live and I will kill you."),
        ("identity_attack", "All these people are vermin, Turks and Armenians alike."),
    ],
)
def test_an_attack_scores_far_above_thanks(scorer: OnnxScorer, attribute: str, attack: str) -> None:
    foul, kind = scorer.score([attack, KIND])
    assert kind[attribute] < 0.2
    assert foul[attribute] > kind[attribute] + 0.3


def test_sober_words_of_war_are_no_threat(scorer: OnnxScorer) -> None:
    sober = "Two farmers were killed when the army shelled the valley in the autumn of 1993."
    threat = "I will kill you, I know where you live."
    sober_scores, threat_scores = scorer.score([sober, threat])
    assert threat_scores["threat"] > sober_scores["threat"] + 0.3


def test_a_score_does_not_depend_on_its_neighbours(scorer: OnnxScorer) -> None:
    alone = scorer.score([KIND])[0]
    among = scorer.score([FOUL * 40, KIND, "", FOUL, KIND])
    assert among[1] == alone
    assert among[4] == alone


def test_many_threads_see_the_same_scores(scorer: OnnxScorer) -> None:
    texts = [KIND, FOUL, "I disagree with the mayor.", FOUL.upper()] * 4
    expected = scorer.score(texts)
    with ThreadPoolExecutor(4) as pool:
        for scores in pool.map(lambda text: scorer.score([text])[0], texts):
            assert scores in expected


def test_a_foul_end_of_a_long_text_is_not_cut_off(scorer: OnnxScorer) -> None:
    long = (KIND + " ") * 120
    clean, foul = scorer.score([long, long + FOUL])
    assert len(long) > 9_000
    assert foul["toxicity"] > 0.6
    assert foul["toxicity"] > clean["toxicity"] + 0.3


@pytest.mark.parametrize(
    "disguised",
    [
        "You are an i d i o t",
        "You are an i.d.i.o.t",
        "You are an 1d10t",
        "Yоu аrе аn іdіоt",  # Cyrillic letters
        "Ｙｏｕ ａｒｅ ａｎ ｉｄｉｏｔ",
        "You are an id\u200bi\u200bot",
        "𝐘𝐨𝐮 𝐚𝐫𝐞 𝐚𝐧 𝐢𝐝𝐢𝐨𝐭",
    ],
)
def test_a_disguise_hardly_lowers_the_score(scorer: OnnxScorer, disguised: str) -> None:
    plain, hidden = scorer.score(["You are an idiot", disguised])
    # Where every letter is another alphabet's, a word between may pass for one of that ("are").
    assert hidden["insult"] >= plain["insult"] - 0.02


def copy_of(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    shutil.copytree(BUNDLED, folder)
    return folder


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "model.json"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    folder = copy_of(tmp_path)
    (folder / name).unlink()
    with pytest.raises(ModelError, match=name.replace(".", r"\.")):
        OnnxScorer(folder)


def test_a_file_of_another_version_is_refused(tmp_path: Path) -> None:
    folder = copy_of(tmp_path)
    with (folder / "tokenizer.json").open("a") as file:
        file.write("\n")
    with pytest.raises(ModelError, match=r"is not the file that model\.json"):
        OnnxScorer(folder)


def rewrite(folder: Path, **changes: object) -> None:
    card = json.loads((folder / "model.json").read_text())
    card |= changes | {"version": content_version(folder)}
    (folder / "model.json").write_text(json.dumps(card))


def test_a_wrong_number_of_attributes_is_refused(tmp_path: Path) -> None:
    folder = copy_of(tmp_path)
    rewrite(folder, attributes=["toxicity"], suggested_thresholds={})
    with pytest.raises(ModelError, match=r"model\.onnx: scores \d attributes, model\.json names 1"):
        OnnxScorer(folder)


def stamp(folder: Path, attributes: list[str]) -> None:
    """What an export leaves in the model file: an entry of its metadata, as protobuf has it."""
    key, value = b"attributes", json.dumps(attributes).encode()
    entry = b"\x0a%c%b\x12%c%b" % (len(key), key, len(value), value)
    with (folder / "model.onnx").open("ab") as file:
        file.write(b"\x72%c%b" % (len(entry), entry))


def test_attributes_in_another_order_than_the_models_own_are_refused(tmp_path: Path) -> None:
    folder = copy_of(tmp_path)
    own = list(load_facts(BUNDLED).attributes)
    stamp(folder, own)
    rewrite(folder)
    assert OnnxScorer(folder).facts.attributes == tuple(own)
    rewrite(folder, attributes=own[::-1])
    with pytest.raises(ModelError, match=r"model\.onnx: says that it scores .*in this order"):
        OnnxScorer(folder)


def test_a_model_that_has_no_place_for_the_tokenizers_words_is_refused(tmp_path: Path) -> None:
    folder = copy_of(tmp_path)
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    tokenizer["model"]["vocab"]["fair"] = 40_000  # the model has 30,522 words
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
    rewrite(folder)
    with pytest.raises(ModelError, match=r"model\.onnx: cannot score a text"):
        OnnxScorer(folder)


def test_a_cut_off_file_is_refused(tmp_path: Path) -> None:
    folder = copy_of(tmp_path)
    whole = (folder / "model.onnx").read_bytes()
    (folder / "model.onnx").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelError, match=r"model\.onnx .* is not the file that model\.json"):
        OnnxScorer(folder)
    rewrite(folder)
    with pytest.raises(ModelError, match=r"model\.onnx: not a model"):
        OnnxScorer(folder)


def test_rubbish_files_are_refused(tmp_path: Path) -> None:
    folder = copy_of(tmp_path)
    (folder / "model.onnx").write_bytes(b"no model")
    rewrite(folder)
    with pytest.raises(ModelError, match=r"model\.onnx: not a model"):
        OnnxScorer(folder)
    shutil.copy(BUNDLED / "model.onnx", folder)
    (folder / "tokenizer.json").write_text("{}")
    rewrite(folder)
    with pytest.raises(ModelError, match=r"tokenizer\.json: not a tokenizer"):
        OnnxScorer(folder)


def test_windows_that_do_not_advance_are_refused(tmp_path: Path) -> None:
    folder = copy_of(tmp_path)
    rewrite(folder, input={"window": 32, "overlap": 30, "pad_id": 0})
    with pytest.raises(ModelError, match="overlap"):
        OnnxScorer(folder)


def test_the_choice_of_a_model(tmp_path: Path) -> None:
    assert load("bundled").facts == load(str(BUNDLED)).facts == load_facts(BUNDLED)
    with pytest.raises(ModelError, match=r"nowhere.*model\.json"):
        load(str(tmp_path / "nowhere"))


def test_a_foul_word_is_whole_in_a_window_wherever_one_ends(scorer: OnnxScorer) -> None:
    """Words of several tokens are slid over the border between the first window and the second."""
    [[_, *foul, _]] = scorer._windows("motherfuckers cocksuckers")
    assert len(foul) > 4
    for words in range(30):
        text = f"{'lamp ' * (100 + words)} motherfuckers cocksuckers {'lamp ' * 60}"
        windows = scorer._windows(text)
        assert len(windows) == 2
        assert any(
            list(window[at : at + len(foul)]) == foul
            for window in windows
            for at in range(len(window))
        )


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \t\r\n\u3000",
        "x",
        "\N{GRINNING FACE}\N{FLAG IN HOLE}\N{HEAVY BLACK HEART}\ufe0f",
        "\ud800\udfff\ud800",
        "\u202eidiot\u202c \u05d0\u05d1\u05d2 idiot \u0627\u0644",
        "\u0301" * 50,
        "a" * 100_000,
        "1" * 100_000,
        "!" * 100_000,
        "you " * 25_000,
        "idiot" * 20_000,
        "i d i o t " * 10_000,
        "1a" * 50_000,
        "\u202eab \u05d0\u05d1 " * 14_000,
        "\ud800" * 100_000,
        "\N{CLOWN FACE}" * 100_000,
    ],
    ids=lambda text: f"{len(text)} of {text[:4]!a}",
)
def test_whatever_is_posted_has_scores_in_bounded_time(scorer: OnnxScorer, text: str) -> None:
    """Each of them says the same again and again: it is read once, however long it is."""
    began = time.process_time()
    found = scorer.score([text])[0]
    assert time.process_time() - began < 5
    assert all(0 <= value <= 1 for value in found.values())
    assert found == scorer.score([text])[0]


def test_memory_stays_small_after_the_longest_texts() -> None:
    """In a process of its own, in MB: the model, and what the longest texts leave behind."""
    script = """
from pathlib import Path
from random import Random
from worker.scorers import load
scorer = load("bundled")
letters = Random(1).choices("abcdefghijklmnopqrstuvwxyz!?., ", k=50_000)
scorer.score(["a" * 100_000, "\u0561 " * 50_000, " ".join(letters)])
# Not ru_maxrss: that of a child starts at its parent's size.
print(int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) // 1024)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 350


def test_nothing_is_reported_to_the_runtimes_maker(tmp_path: Path) -> None:
    """It would be kept in the home folder first, with an id of the device."""
    code = (
        "from worker import scorers\n"
        "scorers.load('bundled').score(['A fair point, well made.'])\n"
        "import time; time.sleep(2)"
    )
    home = tmp_path / "home"
    home.mkdir()

    subprocess.run([sys.executable, "-c", code], env=os.environ | {"HOME": str(home)}, check=True)

    assert list(home.rglob("*")) == []
