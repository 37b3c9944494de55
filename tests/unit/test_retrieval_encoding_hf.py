"""Sentence encoders on transformers: a tiny one made here, and the real one where it is."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the extra 'hf' is not installed")

import torch

from pytest_ragft.errors import RetrievalError
from pytest_ragft.retrieval.encoding import open_encoder
from pytest_ragft.retrieval.encoding.hf import HFEncoder
from pytest_ragft.store import Store

pytestmark = pytest.mark.newest

WORDS = ["cat", "dog", "sun", "moon", "sea", "runs", "shines", "the", "a", "##s"]
TEXTS = [
    "the cat runs",
    "a dog",
    "sun shines sea moon " * 9,
    "cat",
    "dogs",
    "unknown",
    "moon " * 90,
]
MODULES = [
    {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
    {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
    {
        "idx": 2,
        "name": "2",
        "path": "2_Normalize",
        "type": "sentence_transformers.models.Normalize",
    },
]


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A random BERT in the layout of sentence-transformers: mean pooling, at most 40 tokens."""
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder = tmp_path_factory.mktemp("encoder")
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS]
    (folder / "vocab.txt").write_text("\n".join(vocabulary))
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(vocabulary), hidden_size=16, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=32, max_position_embeddings=64, initializer_range=0.5,
    )  # fmt: skip
    BertModel(config).save_pretrained(folder)
    BertTokenizerFast(vocab=str(folder / "vocab.txt")).save_pretrained(folder)
    (folder / "modules.json").write_text(json.dumps(MODULES))
    (folder / "1_Pooling").mkdir()
    pooling = {"word_embedding_dimension": 16, "pooling_mode_mean_tokens": True}
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling))
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 40}')
    return folder


@pytest.fixture
def folder(made, tmp_path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "encoder"))


def open_(folder: Path, **settings: object):
    settings = {"store": None, "offline": False, "corpus": ()} | settings
    return open_encoder(f"hf:{folder}", **settings)


def write(folder: Path, file: str, content: object) -> None:
    (folder / file).write_text(json.dumps(content))


POOLINGS = {
    "mean": lambda states: states.mean(0),
    "cls": lambda states: states[0],
    "lasttoken": lambda states: states[-1],
    "max": lambda states: states.amax(0),
}


def literal(folder: Path, text: str, *, pooling: str = "mean", longest: int = 40) -> np.ndarray:
    """The definition: one text alone, without any filling."""
    from transformers import AutoModel, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder).eval()
    tokens = tokenizer(text, truncation=True, max_length=longest, return_tensors="pt")
    with torch.inference_mode():
        states = model(**tokens).last_hidden_state[0]
    pooled = POOLINGS[pooling](states).numpy()
    return pooled / np.linalg.norm(pooled)


def test_mean_pooling_by_the_definition(made, capfd):
    encoder = open_(made)
    vectors = encoder.encode(TEXTS)
    assert vectors.shape == (7, 16) == (7, encoder.dimensions)
    assert capfd.readouterr() == ("", "")
    for text, vector in zip(TEXTS, vectors, strict=True):
        assert vector == pytest.approx(literal(made, text), abs=2e-6)


def test_a_vector_does_not_depend_on_its_batch(made):
    encoder = open_(made)
    texts = [f"{a} {b} " * n for a in WORDS[:6] for b in WORDS[3:8] for n in (1, 3, 11)]
    together = encoder.encode(texts)
    assert np.array_equal(together, encoder.encode(texts[::-1])[::-1])
    assert np.array_equal(together, np.concatenate([encoder.encode([t]) for t in texts]))


def prompted(folder, prompts, **more):
    write(folder, "config_sentence_transformers.json", {"prompts": prompts} | more)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_poolings(folder, pooling):
    """As older and newer releases of sentence-transformers write them."""
    old = {"mean": "mean_tokens", "cls": "cls_token", "max": "max_tokens"}.get(pooling, pooling)
    for config in ({f"pooling_mode_{old}": True}, {"pooling_mode": pooling}):
        write(folder, "1_Pooling/config.json", config)
        for text, vector in zip(TEXTS, open_(folder).encode(TEXTS), strict=True):
            assert vector == pytest.approx(literal(folder, text, pooling=pooling), abs=2e-6)


@pytest.fixture(scope="module")
def decoder(tmp_path_factory) -> Path:
    """A random Qwen3 as Qwen3-Embedding comes: last token, padded on the left, with a prompt."""
    from transformers import AutoTokenizer, Qwen3Config, Qwen3Model

    from tests.tiny import tiny_folder

    folder = tmp_path_factory.mktemp("decoder")
    tokenizer = AutoTokenizer.from_pretrained(tiny_folder() / "model", padding_side="left")
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    config = Qwen3Config(
        vocab_size=640, hidden_size=32, intermediate_size=64, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2, head_dim=8, initializer_range=0.3,
    )  # fmt: skip
    Qwen3Model(config).save_pretrained(folder)
    write(folder, "modules.json", MODULES)
    (folder / "1_Pooling").mkdir()
    write(folder, "1_Pooling/config.json", {"pooling_mode_lasttoken": True, "include_prompt": True})
    prompted(folder, {"query": "Instruct: find it\nQuery:", "document": ""})
    return folder


def test_a_decoder_with_a_prompt_before_queries(decoder):
    encoder = open_(decoder)
    queries = encoder.encode(TEXTS, "query")
    for text, vector, query in zip(TEXTS, encoder.encode(TEXTS), queries, strict=True):
        kind = {"pooling": "lasttoken", "longest": 512}
        assert vector == pytest.approx(literal(decoder, text, **kind), abs=2e-5)
        asked = literal(decoder, f"Instruct: find it\nQuery:{text}", **kind)
        assert query == pytest.approx(asked, abs=2e-5)
    assert np.array_equal(queries, np.concatenate([encoder.encode([t], "query") for t in TEXTS]))


@pytest.mark.parametrize(
    ("config", "query", "document"),
    [
        ({"prompts": {"query": "query: ", "passage": "passage: "}}, "query: ", "passage: "),
        ({"prompts": {"query": "q: ", "document": "", "corpus": "c: "}}, "q: ", ""),
        ({"prompts": {"all": "a: "}, "default_prompt_name": "all"}, "a: ", "a: "),
        ({"prompts": {"all": "a: "}}, "", ""),
        ({"prompts": {}, "default_prompt_name": None}, "", ""),
        ({}, "", ""),
    ],
)
def test_prompts_as_sentence_transformers_looks_for_them(folder, config, query, document):
    plain = open_(folder)
    plain.check()
    write(folder, "config_sentence_transformers.json", config)
    encoder = open_(folder)
    for role, prompt in (("query", query), ("document", document)):
        assert np.array_equal(
            encoder.encode(["the cat", " "], role), plain.encode([f"{prompt}the cat", " "])
        )
    assert (encoder.fingerprint == plain.fingerprint) == (not query and not document)


def test_a_plain_transformer_is_pooled_by_its_mean(folder):
    for name in ("modules.json", "sentence_bert_config.json"):
        (folder / name).unlink()
    vector = open_(folder).encode(["moon " * 90])[0]
    assert vector == pytest.approx(literal(folder, "moon " * 90, longest=64), abs=2e-6)


def test_lower_case_where_it_is_configured(folder):
    lowered = open_(folder).encode(["the cat"])
    write(folder, "tokenizer_config.json", {"tokenizer_class": "BertTokenizer"})
    write(folder, "sentence_bert_config.json", {"max_seq_length": 40, "do_lower_case": True})
    assert np.array_equal(open_(folder).encode(["THE Cat"]), lowered)


def test_identity_is_content(folder, tmp_path):
    before = open_(folder).fingerprint
    assert open_(Path(shutil.copytree(folder, tmp_path / "elsewhere"))).fingerprint == before
    seen = {before}
    changes = {
        "sentence_bert_config.json": {"max_seq_length": 30},
        "1_Pooling/config.json": {"pooling_mode_cls_token": True},
        "tokenizer_config.json": {"tokenizer_class": "BertTokenizer", "do_lower_case": False},
    }
    for file, content in changes.items():
        write(folder, file, content)
        seen.add(open_(folder).fingerprint)
    weights = bytearray((folder / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    (folder / "model.safetensors").write_bytes(weights)
    seen.add(open_(folder).fingerprint)
    assert len(seen) == 5


def test_a_folder_that_is_overwritten_gives_no_vectors(folder):
    encoder = open_(folder)
    before = encoder.encode(["the cat"])
    weights = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(weights[:-1] + b"x")
    with pytest.raises(RetrievalError, match=r"model\.safetensors' changed on disk.*is kept"):
        encoder.encode(["a dog"])
    (folder / "model.safetensors").write_bytes(weights)
    assert np.array_equal(encoder.encode(["the cat"]), before)


def test_offline_loads_no_model(made, tmp_path):
    store = Store(tmp_path / "store.sqlite")
    vectors = open_(made, store=store).encode(TEXTS)
    store.close()
    program = (
        "import sys;from pathlib import Path;from pytest_ragft.store import Store;"
        "from pytest_ragft.retrieval.encoding import open_encoder;"
        f"s=Store(Path({str(tmp_path / 'store.sqlite')!r}));"
        f"e=open_encoder('hf:{made}',corpus=(),store=s,offline=True);e.check();"
        f"print(e.encode({TEXTS!r}).tobytes().hex());s.close();"
        "assert not {'torch','transformers'} & set(sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == vectors.tobytes().hex()


def test_offline_a_missing_vector_is_an_error(made):
    with pytest.raises(RetrievalError, match="offline, and 1 of 1 vectors"):
        open_(made, offline=True).encode(["cat"])


def remove(name):
    return lambda folder: (folder / name).unlink()


def rewrite(name, content):
    return lambda folder: write(folder, name, content)


def other_module(folder):
    write(
        folder,
        "modules.json",
        [*MODULES, {"type": "sentence_transformers.models.Dense", "path": "3"}],
    )


def module_of_its_own(folder):
    own = {"type": "custom_st.Transformer", "path": ""}
    write(folder, "modules.json", [own, *MODULES[1:]])


def pickled(folder):
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


DAMAGES = {
    "no config": (remove("config.json"), "no 'config.json'"),
    "no weights": (remove("model.safetensors"), "no 'model.safetensors'"),
    "pickled": (pickled, "pickled weights only"),
    "broken modules": (rewrite("modules.json", {"a": 1}), "lists no modules"),
    "another module": (other_module, "a module 'Dense'"),
    "a module of its own": (module_of_its_own, "a module 'custom_st.Transformer', and only"),
    "another pooling": (
        rewrite("1_Pooling/config.json", {"pooling_mode_weightedmean_tokens": True}),
        "pools by .*weightedmean",
    ),
    "two poolings": (
        rewrite(
            "1_Pooling/config.json",
            {"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": True},
        ),
        "pools by",
    ),
    "no pooling": (rewrite("1_Pooling/config.json", {}), "pools by"),
    "pooling is a list": (rewrite("1_Pooling/config.json", []), "not hold a JSON object"),
    "prompts that are not pooled": (
        lambda folder: (
            prompted(folder, {"query": "query: "}),
            write(
                folder, "1_Pooling/config.json", {"pooling_mode": "cls", "include_prompt": False}
            ),
        ),
        "leaves its prompts out",
    ),
    "a prompt that is no text": (
        lambda folder: prompted(folder, {"query": 7}),
        "query prompt is 7",
    ),
    "prompts that are a number": (
        rewrite("config_sentence_transformers.json", {"prompts": 5}),
        "its prompts are 5 .* save the model again",
    ),
    "a default prompt that is a list": (
        rewrite(
            "config_sentence_transformers.json", {"prompts": {"a": "b"}, "default_prompt_name": []}
        ),
        r"with the default \[\]",
    ),
    "dot products": (
        lambda folder: (
            write(folder, "modules.json", MODULES[:2]),
            write(folder, "config_sentence_transformers.json", {"similarity_fn_name": "dot"}),
        ),
        "compares by 'dot'",
    ),
    "other weights": (
        rewrite("config.json", {"transformers_weights": "other.safetensors"}),
        "names other files by 'transformers_weights'",
    ),
    "length": (rewrite("sentence_bert_config.json", {"max_seq_length": "many"}), "'many'"),
    "shards": (
        lambda folder: (pickled(folder), write(folder, "model.safetensors.index.json", {})),
        "no usable 'weight_map'",
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_folders_that_are_no_encoders(folder, damage):
    change, said = DAMAGES[damage]
    change(folder)
    with pytest.raises(RetrievalError, match=said) as caught:
        open_(folder).check()
    assert "[retrieval] encoder" in str(caught.value)
    assert str(folder) in str(caught.value)


def test_no_tokenizer(folder):
    for name in ("tokenizer.json", "tokenizer_config.json", "vocab.txt"):
        (folder / name).unlink()
    with pytest.raises(RetrievalError, match="it has no tokenizer"):
        open_(folder).check()


def test_weights_that_lack_a_layer(folder):
    config = json.loads((folder / "config.json").read_text())
    write(folder, "config.json", config | {"num_hidden_layers": 3})
    with pytest.raises(RetrievalError, match=r"lacks weights .*encoder.layer.2"):
        open_(folder).encode(["cat"])


def test_truncated_weights(folder):
    weights = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(weights[:-100])
    with pytest.raises(RetrievalError, match="it is truncated"):
        open_(folder).encode(["cat"])


@pytest.mark.parametrize(
    "place", ["nowhere", "./no/folder", "/no/where", "a/b/c", "~nobody-of-this-name/x"]
)
def test_folders_that_are_not_there(place):
    with pytest.raises(RetrievalError, match="no such folder") as caught:
        open_encoder(f"hf:{place}", corpus=(), store=None, offline=False).check()
    assert f"'hf:{place}'" in str(caught.value)


def test_a_folder_whose_name_is_too_long_is_not_there():
    with pytest.raises(RetrievalError, match=r"x…x.*no such folder"):
        open_encoder(f"hf:{'x' * 5000}", corpus=(), store=None, offline=False).check()


def test_a_hub_name_offline(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(RetrievalError, match="nor found in the hub's cache"):
        HFEncoder("nobody/nothing-of-this-name", offline=True).check()


def test_the_real_encoder():
    place = os.environ.get("RAGFT_TEST_ENCODER")
    if not place:
        pytest.skip("RAGFT_TEST_ENCODER names no sentence encoder")
    encoder = open_(Path(place))
    texts = ["A man is eating food.", "Someone eats a meal.", "The stock market fell sharply."]
    vectors = encoder.encode(texts)
    assert vectors.shape == (3, 384)
    assert vectors @ vectors[0] == pytest.approx([1.0, 0.6, 0.0], abs=0.2)
    for text, vector in zip(texts, vectors, strict=True):
        assert vector == pytest.approx(literal(Path(place), text, longest=256), abs=2e-6)
