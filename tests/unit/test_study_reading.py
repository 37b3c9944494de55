"""study.toml: which cells its grids make, how they are called, what is said of every mistake."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_ragft.errors import InputError, SuiteError
from pytest_ragft.finetuning.recipe import Recipe
from pytest_ragft.records import BASELINE
from pytest_ragft.records.answering import NAME
from pytest_ragft.study.grid import Block, cells_of
from pytest_ragft.study.reading import read_study, spec_of
from pytest_ragft.study.records import StudyPlan
from pytest_ragft.study.running import selection
from tests.example import Example

HEAD = """\
[study]
name = "own"
bases = ["models/base"]

[data.bioasq]
gated = "gated/bioasq"
training = "training/bioasq"

[data.nq]
gated = ["gated/nq"]
training = "training/nq"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    example = Example(tmp_path)
    for name in ("gated/bioasq", "gated/nq", "training/bioasq", "training/nq", "kept/one"):
        example.write(f"{name}/suite.toml", f'[suite]\nname = "{Path(name).name}"\n')
    example.write("kept/ragft.toml", "")
    (tmp_path / "models" / "base").mkdir(parents=True)
    return tmp_path


def plan_of(folder: Path, text: str, head: str = HEAD) -> StudyPlan:
    file = folder / "study.toml"
    file.write_text(head + text, encoding="utf-8")
    return read_study(file)


def test_a_block_is_every_combination_of_its_lists_and_blocks_stay_in_order(folder: Path) -> None:
    plan = plan_of(
        folder,
        """
[recipe]
epochs = 3
targets = ["q_proj", "v_proj"]

[[cells]]
sizes = [0, 200, 500]
seeds = [0, 1]

[[cells]]
data = "bioasq"
methods = ["lora", "prompt"]
forms = ["gold"]
sizes = ["all"]
recipe = { epochs = 1 }
""",
    )

    assert [cell.name for cell in plan.cells] == [
        "bioasq-lora-closed-book-200-s0",
        "bioasq-lora-closed-book-200-s1",
        "bioasq-lora-closed-book-500-s0",
        "bioasq-lora-closed-book-500-s1",
        "nq-lora-closed-book-200-s0",
        "nq-lora-closed-book-200-s1",
        "nq-lora-closed-book-500-s0",
        "nq-lora-closed-book-500-s1",
        "bioasq-lora-gold-all-s0",
        "bioasq-prompt-gold-all-s0",
    ]
    first, last = plan.cells[0].recipe, plan.cells[-1].recipe
    assert first == Recipe(size=200, targets=("q_proj", "v_proj"))
    assert (last.epochs, last.method, last.size, last.form) == (1, "prompt", None, "gold")
    assert [cell.block for cell in plan.cells] == [0] * 8 + [1] * 2
    assert plan.bases == (("bioasq", "models/base"), ("nq", "models/base"))
    assert plan.knowledge == ("retrieved",)
    assert spec_of(plan, "models/base") == str(folder / "models/base")
    assert spec_of(plan, "org/name") == "org/name"


def test_a_base_alone_is_no_cell_and_is_measured_all_the_same(folder: Path) -> None:
    plan = plan_of(
        folder, '\n[[cells]]\nsizes = [0]\n\n[[cells]]\nbases = ["org/other"]\ndata = ["nq"]\n'
    )

    assert [cell.name for cell in plan.cells] == ["nq-other-lora-closed-book-all-s0"]
    assert plan.first_block == {
        ("bioasq", "models/base"): 0, ("nq", "models/base"): 0, ("nq", "org/other"): 1,
    }  # fmt: skip


def test_names_stay_when_cells_with_another_base_are_added(folder: Path) -> None:
    block = '\n[[cells]]\ndata = ["nq"]\nsizes = [5]\n'

    before = plan_of(folder, block)
    after = plan_of(folder, block + '\n[[cells]]\nbases = ["org/other"]\nsizes = [5]\n')

    assert after.cells[: len(before.cells)] == before.cells


def test_the_same_cell_in_two_blocks_is_one(folder: Path) -> None:
    block = '\n[[cells]]\ndata = ["nq"]\nsizes = [5]\n'

    assert len(plan_of(folder, block + block).cells) == 1


def test_what_one_method_takes_is_left_out_where_another_does_not(folder: Path) -> None:
    plan = plan_of(
        folder,
        '\n[recipe]\nlayers = [1]\n\n[[cells]]\ndata = "nq"\nmethods = ["lora", "layers"]\n',
    )

    assert [cell.recipe.layers for cell in plan.cells] == [(), (1,)]


def test_files_of_a_recipe_are_seen_from_the_study_and_named_by_what_they_are(
    folder: Path,
) -> None:
    for name in ("said/other.jsonl", "general.jsonl"):
        Example(folder).write(name, "{}")

    plan = plan_of(
        folder,
        """
[recipe]
mix = "general.jsonl"
abstention = "I do not know."

[[cells]]
data = "nq"
answers = ["people", "self", "said/other.jsonl", "openai:org/Big@http://localhost:1/v1"]
sizes = [5]
""",
    )

    assert [cell.name.partition("book-")[2] for cell in plan.cells] == [
        "5-s0", "self-5-s0", "other-5-s0", "Big-5-s0",
    ]  # fmt: skip
    assert plan.cells[2].recipe.target == str(folder / "said" / "other.jsonl")
    assert {cell.recipe.mix for cell in plan.cells} == {str(folder / "general.jsonl")}


def test_two_cells_of_one_name_ask_for_a_name_that_tells_them_apart(folder: Path) -> None:
    block = '\n[[cells]]\ndata = ["nq"]\nsizes = [5]\n'
    other = block + "recipe = { epochs = 1 }\n"

    with pytest.raises(SuiteError, match="number 1, too, with epochs = 3 and not 1; give one"):
        plan_of(folder, block + other)
    named = plan_of(folder, block + other + 'name = "short"\n')
    assert named.cells[1].name == "nq-lora-closed-book-short-5-s0"


def test_bases_of_one_name_in_one_block_ask_for_blocks_of_their_own(folder: Path) -> None:
    bases = 'bases = ["models/base", "a/model", "b/model"]\n'
    with pytest.raises(SuiteError, match="give each a block of its own, and give one of the"):
        plan_of(folder, "\n[[cells]]\n", HEAD.replace('bases = ["models/base"]\n', bases))
    apart = '\n[[cells]]\nbases = ["models/base", "a/model"]\n'
    apart += '\n[[cells]]\nbases = ["b/model"]\nname = "b"\n'
    names = [cell.name for cell in plan_of(folder, apart).cells]
    assert len(names) == len(set(names)) == 6


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", r"[[cells]] is missing: write [[cells]] above each grid"),
        ("\n[cells]\n", "[[cells]] is missing"),
        ("\n[[cells]]\nsize = [1]\n", "number 1: unknown key 'size'; did you mean 'sizes'?"),
        ("\n[[cells]]\nsizes = [1.5]\n", "sizes = [1.5]: must be a list of whole numbers of 0"),
        ("\n[[cells]]\nsizes = []\n", "must not be empty; leave it out for the recipe's own"),
        ("\n[[cells]]\nseeds = [0, 0]\n", "seeds = [0, 0]: names the same thing twice"),
        ("\n[[cells]]\nseeds = ['all']\n", "must be a list of whole numbers"),
        ("\n[[cells]]\nmethods = ['lara']\n", "number 1: method = 'lara': must be one of lora"),
        ("\n[[cells]]\nmethods = ['layers']\n", "number 1: layers = (): must be given with the"),
        ("\n[[cells]]\ndata = ['bio']\n", "'bio' is none of [data.…]: bioasq, nq; did you mean"),
        ("\n[[cells]]\nname = 'a b'\n", "name = 'a b': must consist of letters"),
        (
            "\n[[cells]]\nseeds = [1]\nrecipe = { seed = 2 }\n",
            "seeds = [1]: recipe names seed = 2, too; keep one",
        ),
        ("\n[recipe]\nepoch = 3\n[[cells]]\n", "[recipe]: unknown key 'epoch'; did you mean 'ep"),
        ("\n[recipe]\nepochs = 1.5\n[[cells]]\n", "epochs = 1.5: must be a whole number"),
        ("\n[recipe]\nrank = 0\n[[cells]]\n", "number 1: rank = 0: must be at least 1"),
        ("\n[recipe]\nrslora = 1\n[[cells]]\n", "rslora = 1: must be true or false"),
        ("\n[recipe]\nlayers = ['a']\n[[cells]]\n", "must be a list of whole numbers"),
        ("\n[recipe]\ntargets = 'q'\n[[cells]]\n", "targets = 'q': must be a list of texts"),
        ("\n[recipe]\nmix = 'no'\n[[cells]]\n", "number 1: target or mix: '"),
        ("\n[recipe]\nmix = 'a\\u0000'\n[[cells]]\n".replace("'", '"'), "target or mix: embedded"),
        ("\n[[cells]]\nanswers = ['no.jsonl']\n", "no.jsonl' cannot be read"),
    ],
)
def test_mistakes_in_grids_name_table_key_and_what_is_accepted(
    folder: Path, text: str, said: str
) -> None:
    with pytest.raises(SuiteError) as raised:
        plan_of(folder, text)

    assert said in str(raised.value)
    assert str(folder / "study.toml") in str(raised.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('name = "own"', 'name = "a/b"', "[study]: name = 'a/b': must consist of letters"),
        ('name = "own"', 'name = ".."', "name = '..': is the folder itself or the one above"),
        ('name = "own"\n', "", "[study]: 'name' is missing"),
        ('name = "own"', 'name = "own"\nknowledge = ["none"]', "must hold 'retrieved'"),
        (
            'name = "own"',
            'name = "own"\nknowledge = ["retrieved", "golden"]',
            "must be a list of retrieved, none, gold; did you mean 'gold'?",
        ),
        ('name = "own"', 'name = "own"\nretention = "nowhere"', "no suite.toml lies in 'nowhere'"),
        ('gated = "gated/bioasq"\n', "", "[data.bioasq]: 'gated' is missing"),
        ('gated = "gated/bioasq"', 'gated = "training/bioasq"', "is gated, too; train on other"),
        ('"training/nq"', '"training"', "[data.nq]: training = 'training': holds several suites"),
        ('bases = ["models/base"]\n', "", "'bases' is missing: name models here or in [study]"),
        ("[data.nq]", '[data."n q"]', "[data.n q]: the name must consist of letters"),
    ],
)
def test_mistakes_at_the_top_name_table_key_and_what_is_accepted(
    folder: Path, old: str, new: str, said: str
) -> None:
    with pytest.raises(SuiteError) as raised:
        plan_of(folder, "\n[[cells]]\n", HEAD.replace(old, new))

    assert said in str(raised.value)


def test_retention_in_the_pool_of_what_is_gated_would_move_its_verdict(folder: Path) -> None:
    head = HEAD.replace('name = "own"', 'name = "own"\nretention = "kept"')
    assert plan_of(folder, "\n[[cells]]\n", head).retention == (folder / "kept/one/suite.toml",)

    (folder / "kept" / "ragft.toml").unlink()

    with pytest.raises(SuiteError, match=r"would be pooled with the gated suites; put a ragft"):
        plan_of(folder, "\n[[cells]]\n", head)


def test_a_part_of_a_pool_is_refused_unless_its_rules_leave_the_others_out(folder: Path) -> None:
    rules = folder / "gated" / "ragft.toml"
    rules.write_text("")

    with pytest.raises(SuiteError, match=r"pools .* with it; name that, too, or give these suites"):
        plan_of(folder, "\n[[cells]]\n")
    whole = HEAD.replace('"gated/bioasq"', '"gated"').partition("[data.nq]")[0]
    assert len(plan_of(folder, "\n[[cells]]\n", whole).data["bioasq"].gated) == 2
    rules.write_text('exclude = ["nq"]\n')
    alone = HEAD.partition("[data.nq]")[0]
    assert len(plan_of(folder, "\n[[cells]]\n", alone).data["bioasq"].gated) == 1


axes = st.fixed_dictionaries(
    {
        "method": st.lists(st.sampled_from(["lora", "dora", "prompt"]), min_size=1, unique=True),
        "size": st.lists(
            st.one_of(st.none(), st.integers(0, 9)), min_size=1, max_size=3, unique=True
        ),
        "seed": st.lists(st.integers(0, 9), min_size=1, max_size=3, unique=True),
    }
)


def block(number: int, lists: dict[str, list[object]]) -> Block:
    return Block(
        number=number,
        where="",
        name="",
        data=("one", "two"),
        bases=("base",),
        axes={name: tuple(values) for name, values in lists.items()},
        recipe={},
    )


@given(st.lists(axes, min_size=1, max_size=3))
def test_cells_are_the_union_of_products_each_once_under_a_name_of_its_own(
    grids: list[dict[str, list[object]]],
) -> None:
    cells = cells_of([block(i, lists) for i, lists in enumerate(grids)], {})

    wanted = {
        combination
        for of in grids
        for combination in itertools.product(("one", "two"), of["method"], of["size"], of["seed"])
        if combination[2] != 0
    }
    found = [(c.data, c.recipe.method, c.recipe.size, c.recipe.seed) for c in cells]
    assert sorted(map(str, found)) == sorted(map(str, wanted))
    names = [cell.name for cell in cells]
    assert len(set(names)) == len(names)
    assert all(NAME.fullmatch(name) and name != BASELINE for name in names)


@given(axes, st.integers(1, 5))
def test_parts_of_a_study_are_its_cells_each_in_one_of_them(
    lists: dict[str, list[object]], of: int
) -> None:
    cells = cells_of([block(0, lists)], {})
    plan = StudyPlan(
        name="own",
        file=Path("study.toml"),
        data={},
        cells=cells,
        bases=(("one", "base"), ("two", "base"), ("three", "base")),
        knowledge=("retrieved",),
    )

    parts = [selection(plan, part=(number, of)) for number in range(1, of + 1)]

    assert sorted(c.name for part in parts for c in part.cells) == sorted(c.name for c in cells)
    assert set().union(*(part.bases for part in parts)) == set(plan.bases)
    assert sum(("three", "base") in part.bases for part in parts) == 1


def test_cells_are_chosen_by_their_names(folder: Path) -> None:
    plan = plan_of(folder, "\n[[cells]]\nsizes = [5, 6]\n")

    chosen = selection(plan, pattern="nq-*-5-*")

    assert [cell.name for cell in chosen.cells] == ["nq-lora-closed-book-5-s0"]
    assert chosen.bases == {("nq", "models/base")}
    with pytest.raises(InputError, match=r"--cells='np-\*': no cell has such a name; there are"):
        selection(plan, pattern="np-*")
