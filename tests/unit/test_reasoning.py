"""What a model thought is told from what it answered, in every form in which models mark it."""

from __future__ import annotations

import pytest

from pytest_ragft.reasoning import knows_markers, markers_among, opening_of, split_reasoning

HARMONY = "<|channel|>analysis<|message|>RIGHT?<|end|><|start|>assistant<|channel|>"
REASONED = {
    "plain": "<think>RIGHT, I think.</think>\n\nZanzibar",
    "no space": "<think>RIGHT</think>Zanzibar",
    "upper case": "<THINK>RIGHT</Think> Zanzibar",
    "white space": "  \n<think >\nRIGHT\n</ think>\n \n  Zanzibar\n",
    "thinking": "<thinking>RIGHT</thinking>\nZanzibar",
    "reasoning": "<reasoning>RIGHT</reasoning>\nZanzibar",
    "thought": "<thought>\nRIGHT\n</thought>\nZanzibar",
    "Seed-OSS": "<seed:think>RIGHT</seed:think>Zanzibar",
    "Magistral": "[THINK]RIGHT[/THINK]Zanzibar",
    "Kimi": "◁think▷RIGHT◁/think▷Zanzibar",
    "Sky-T1": "<|begin_of_thought|>RIGHT<|end_of_thought|>\n\n"
    "<|begin_of_solution|>Zanzibar<|end_of_solution|>",
    "Command A": "<|START_THINKING|>RIGHT<|END_THINKING|>"
    "<|START_RESPONSE|>Zanzibar<|END_RESPONSE|>",
    "Apertus": "<|inner_prefix|>RIGHT<|inner_suffix|>Zanzibar",
    "Gemma 4": "<|channel>thought\nRIGHT\n<channel|>Zanzibar",
    "MedGemma": "<unused94>thought\nRIGHT\n<unused95>Zanzibar",
    "Granite": "Here is my thought process: RIGHT\n\nHere is my response: Zanzibar",
    "Granite, quantized": "Here's my thought process:\nRIGHT\nHere's my response:\nZanzibar",
    "Hunyuan": "<think>\nRIGHT\n</think>\n<answer>\nZanzibar\n</answer>",
    "gpt-oss": f"{HARMONY}final<|message|>Zanzibar<|return|>",
    "gpt-oss, a tool": f"{HARMONY}commentary to=functions.f <|constrain|>json<|message|>RIGHT"
    "<|call|><|start|>assistant<|channel|>final<|message|>Zanzibar",
    "gpt-oss, begun by the prompt": "RIGHT<|end|><|start|>assistant<|channel|>final<|message|>"
    "Zanzibar",
    "gpt-oss, without its tokens": "analysisThe user wants RIGHT.assistantfinalZanzibar",
    "opened by the prompt": "It is RIGHT.\n</think>\n\nZanzibar",
    "opened, on one line": "It is RIGHT. </think> Zanzibar",
    "opened, attached": "It is RIGHT...</think>Zanzibar",
    "opened, no full stop": "It is RIGHT </think>\n\nZanzibar",
    "opened, in lower case": "it is RIGHT </think>\nin Zanzibar",
    "opened, with the marker in it": "A <think> tag.\nRIGHT\n</think>\nZanzibar",
    "several": "<think>RIGHT</think>\n<think>RIGHT</think>\nZanzibar",
    "several, attached": "<think>RIGHT</think><think>RIGHT</think>Zanzibar",
    "of two kinds": "<think>RIGHT</think>\n<reasoning>RIGHT</reasoning>\nZanzibar",
    "nested": "<think>a<think>b</think>RIGHT</think>Zanzibar",
    "nested, in sentences": "<think>a <think> b </think> or RIGHT </think> in Zanzibar",
    "opened twice": "<think>\n<think>RIGHT</think>\nZanzibar",
    "closed twice": "<think>RIGHT</think>\n</think>\nZanzibar",
    "closed in quotes": '<think>The tag "</think>" is RIGHT\n</think>\nZanzibar',
    "behind the answer": "Zanzibar\n<think>\nRIGHT\n</think>",
    "behind the answer, unclosed": "Zanzibar\n<think>\nRIGHT",
    "again, unclosed": "<think>a</think>Zanzibar <think>RIGHT",
    "on lines of its own": "Sure thing.\n<think>RIGHT</think>\nZanzibar",
}


@pytest.mark.parametrize("text", REASONED.values(), ids=REASONED)
def test_what_was_thought_is_no_part_of_the_answer(text: str) -> None:
    parts = split_reasoning(text)
    assert parts.text.endswith("Zanzibar")
    assert "RIGHT" not in parts.text
    assert "RIGHT" in parts.reasoning
    assert not parts.cut


@pytest.mark.parametrize("text", REASONED.values(), ids=REASONED)
def test_an_answer_that_was_told_apart_holds_no_marker_any_more(text: str) -> None:
    answer = split_reasoning(text).text
    assert split_reasoning(answer).text == answer


CUT = {
    "plain": "<think>RIGHT, or",
    "nothing yet": "<think>",
    "another's end": "<think>RIGHT</reasoning> RIGHT",
    "Magistral": "[THINK]RIGHT",
    "gpt-oss": "<|channel|>analysis<|message|>RIGHT",
    "gpt-oss, ended": "<|channel|>analysis<|message|>RIGHT<|end|>",
    "gpt-oss, its header": f"{HARMONY}",
    "Granite": "Here is my thought process: RIGHT",
    "again": "<think>RIGHT</think>\n<think>RIGHT",
}


@pytest.mark.parametrize("text", CUT.values(), ids=CUT)
def test_reasoning_that_never_ends_is_no_answer(text: str) -> None:
    parts = split_reasoning(text)
    assert (parts.text, parts.cut) == ("", True)


UNMARKED = {
    "spoken of": "It is the HTML tag <think>",
    "goes on": "The tag <think> is not standard.",
    "goes on with a name": "The tag <think>, as Ada says, is not standard.",
    "a pair": "Put it between <think> and </think>\nand go on.",
    "closing": "The tag </think> closes it.",
    "closing, at the end": "What closes it is </think>.",
    "quoted": 'He wrote "<think>" and then "</think>"',
    "in brackets": "The tags (<think>) (</think>)\nare new.",
    "code": "Use `<think>` here\nand `</think>` there.",
    "more code": "Use `x = '<think>'` and `y</think>`",
    "fenced": "So:\n```html\n<think>\nwell\n</think>\n```\nThat is all.",
    "a list": "- <think>: it opens\n- </think>: it closes",
    "numbered": "1. <think> opens\n2. </think> closes",
    "behind a full stop": "There are two. <think> is one.",
    "a phrase": "Well, here is my response: yes.",
    "analysis": "analysis of variance",
    "white space": "  I think so.\n\n",
    "empty": "",
    "other tags": "<b>think</b> <thin> </thinks> [THINKING]",
    "half": "<think",
}


@pytest.mark.parametrize("text", UNMARKED.values(), ids=UNMARKED)
def test_an_answer_that_only_speaks_of_markers_stays_as_it_is(text: str) -> None:
    parts = split_reasoning(text)
    assert (parts.text, parts.reasoning, parts.cut) == (text, "", False)


def test_a_model_that_does_not_think_leaves_its_markers_empty() -> None:
    parts = split_reasoning("<think>\n\n</think>\n\nZanzibar")
    assert (parts.text, parts.reasoning, parts.cut) == ("Zanzibar", "", False)


def test_several_reasonings_are_kept_in_their_order() -> None:
    parts = split_reasoning("<think> one </think>a<think>two</think>b")
    assert (parts.text, parts.reasoning) == ("a\n\nb", "one\n\ntwo")


@pytest.mark.parametrize(
    ("prompt", "opened"),
    [
        ("<|im_start|>assistant\n<think>\n", "<think>"),
        ("<|Assistant|><think>", "<think>"),
        ("[INST]x[/INST][THINK]", "[THINK]"),
        ("<|start|>assistant<|channel|>analysis<|message|>", "<|channel|>analysis<|message|>"),
        ("assistant\n<think>\n\n</think>\n\n", ""),
        ("Use <think> tags.<|im_end|>\n<|im_start|>assistant\n", ""),
        ("<|start|>assistant", ""),
        ("", ""),
    ],
)
def test_a_prompt_that_leaves_reasoning_open_is_known(prompt: str, opened: str) -> None:
    assert opening_of(prompt) == opened


def test_what_a_prompt_opened_is_reasoning_until_it_ends() -> None:
    assert split_reasoning("RIGHT, or", opened="<think>").cut
    ended = split_reasoning("The tag </think> closes RIGHT</think>\nb", opened="<think>")
    assert ended.text == "b"
    twice = split_reasoning("<think>RIGHT</think>b", opened="<think>")
    assert (twice.text, twice.cut) == ("b", False)


def test_reasoning_from_a_field_of_its_own_is_kept() -> None:
    parts = split_reasoning("Zanzibar", apart=" RIGHT ")
    assert (parts.text, parts.reasoning, parts.cut) == ("Zanzibar", "RIGHT", False)
    both = split_reasoning("<think>b</think>Zanzibar", apart="a")
    assert (both.text, both.reasoning) == ("Zanzibar", "a\n\nb")
    assert split_reasoning("", apart="RIGHT").cut
    assert not split_reasoning("", apart="  ").cut


def test_special_tokens_that_are_markers() -> None:
    others = ["<s>", "</s>", "<|im_end|>", "<|return|>", "think", "<think> a"]
    markers = {"<think>", "</think>", "[THINK]", "<|inner_suffix|>", "<channel|>"}
    assert markers_among([*others, *markers, "<|end|>", "<|start|>"]) == markers
    channels = {"<|start|>", "<|channel|>", "<|message|>", "<|constrain|>", "<|end|>"}
    assert markers_among([*others, *channels]) == channels


def test_files_that_name_markers_are_known() -> None:
    assert knows_markers(b"{% if x %}</think>{% endif %}")
    assert knows_markers(b'{"content": "\\u003cthink\\u003e"}')
    assert knows_markers("◁think▷".encode())
    assert not knows_markers(b'{"content": "<s>", "x": "think"}')
