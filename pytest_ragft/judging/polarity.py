"""Yes or no: what a polar question asks, and which of the two a text answers.

A text answers by its opening ("No, …"), else by the sentence that repeats the question's
predicate, affirmed or negated, in its words or in those that say the opposite ("increased",
"fell").
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from pytest_ragft.judging.assertion import FALSE, SURE, sentences
from pytest_ragft.judging.text import Reader, Text

_AUXILIARY = (
    r"(?:is|are|was|were|am|do|does|did|has|have|had|can|could|will|would|shall|should|may|might|must"
    r"|is not|are not|was not|were not|do not|does not|did not|has not|have not|can not|could not)"
)
_POLAR = re.compile(rf"(?:^|[,:;] |\b(?:and|or|whether|if) ){_AUXILIARY}\b (?!(?:what|which|who|how|when|where|why)\b)")
_ASKING = re.compile(r"\b(?:what|which|who|whom|whose|how|when|where|why)\b")
_YES_NO = re.compile(
    r"^\W*(?:(?:based on|according to|judging by|given|from|per|in) [^,;:.!?]{1,60}, )?(?:(?:the )?answer(?: is|:)? ?|well,? |so,? )*(?P<word>yes|yeah|yep|no|nope|nah)\b(?=$|\s*[.,;:!–—-]|\s*\(|\s*\n"
    r"|\s+(?:it|he|she|they|we|i|you|there|this|that|these|those|the|its?|his|her|their|not|because|but"
    r"|as|since|only|according|based|and|both|in|for|at|a|an)\b)"
)
_TURNS_UP = re.compile(r"\b(?:went|go|goes|going|is|are|was|were|moved|trended|ticked|come|came) (?:\w+ly |back )?up\b(?! to\b)")
_TURNS_DOWN = re.compile(r"\b(?:went|go|goes|going|is|are|was|were|moved|trended|ticked|come|came) (?:\w+ly |back )?down\b(?! to\b)")
_NEVER = re.compile(r"^\W*(?:no (?:idea|clue|information|mention|answer|comment|doubt)|yes and no|yes or no|no\. ?[0-9])")
_SAYS = re.compile(
    r"^\W*(?:(?:well|so),? )?(?:(?:i|we) (?:would |do |must |am afraid )?(?:have to )?(?:think|say|believe|guess|suspect)?(?: that)?"
    r"(?: the answer is)?:? (?P<word>yes|no)\b(?! \w)|(?:i|we) (?P<not>do not )?(?:think|believe|guess) so\b"
    r"|(?P<never>(?:(?:absolutely|definitely|certainly|surely|probably|of course|i think|i guess|unfortunately|i am afraid|i fear) not|never|not (?:yet|really|at all|any ?more|exactly)|hardly)\W*(?:$|[.,;:!]))"
    rf"|(?:it|this|that|(?:the|this|that) (?:statement|claim|assertion|sentence)) (?:is|was) {SURE}(?:(?P<false>{FALSE})|(?:true|correct|right|accurate))"
    r"(?=\W*$|[.,;:!]))"
)
"""A yes or a no in other words: "I don't think so", "this statement is false"."""
_TRUTH = re.compile(
    r"^\W*(?:(?:is (?:it|this)|answer) )?(?:(?:true or false|right or wrong|correct or incorrect|yes or no)\W+)(?P<clause>\w.*)"
    r"|^(?P<before>.*\w)\W+(?:true or false|right or wrong|correct or incorrect|yes or no)\W*$"
    r"|^\W*is it (?:true|correct|the case|a fact|right) that (?P<fact>.*)"
)
"""Questions of whether what they state is true."""
_ELLIPSIS = re.compile(rf"^(?:[\w'’-]+ ){{1,4}}{_AUXILIARY.replace('|is not|are not|was not|were not|do not|does not|did not|has not|have not|can not|could not', '')}(?P<not> not| never)?\W*$")
"""Answers by the auxiliary alone: "It does not"."""
_FILLERS = ("ever", "yet", "still", "already", "actual", "actually", "really", "any", "anything", "anyone")
_PREFIXES = ("un", "in", "im", "ir", "il", "non", "dis")
_NOT_PREFIXED = frozenset({"inform", "discov", "discount", "displai", "disord", "intak", "incom", "invest", "impart", "import", "unit", "instal", "insight", "dispos", "increas", "inborn", "instead", "imprint"})
"""Stems that only look like the opposite of another."""
_SHORTEST_PREFIXED = 4
_SHUNS: dict[str, tuple[str, ...]] = {
    "fail": ("to",), "refus": ("to",), "declin": ("to",), "unabl": ("to",), "ceas": ("to",),
    "exempt": ("from",), "free": ("of", "from"), "lack": (), "avoid": (),
}  # fmt: skip
"""Words that deny what is behind them, with those of which one must follow."""
_LESS = frozenset({"less", "fewer"})
_MORE = frozenset({"more"})
_TRUE_FALSE = re.compile(r"^\W*(?P<word>true|correct|(?:right|sure|exactly|naturally)(?=[,!])|indeed|certainly|affirmative|absolutely|false|incorrect|negative|not at all|definitely|of course(?: not)?)\b\s*(?=$|[.,;:!])")
_STRONG = 0.6
"""Share of the question's content from which a first sentence decides, whatever follows."""
_WONDERS = re.compile(
    r"^(?:\W|\d)*(?:the question (?:is|was|asks)\b|(?:you|we) (?:are )?(?:ask|asked|asking|want to know)\b"
    r"|it (?:asks|is asked) |to (?:determine|assess|answer|evaluate|find out|see|analy[sz]e|check)|whether"
    r"|in order to|we (?:need|have) to|let us)\b"
)
_INSTEAD = 0.6
"""Share of a reference's reason from which a sentence gives it."""
_BRIEF = 8
_PRONOUN = re.compile(r"\W*(?:it|they|he|she|this|that|these|those|both|all)\b")
_HEAD = 3
"""Words in which a negation only colours the question: "is it not …?" is answered as "is it …?"."""
_CONCLUDES = re.compile(
    r"\b(?:therefore|thus|hence|overall|in summary|in conclusion|to conclude|to summari[sz]e|so,"
    r"|(?:this|these|that|which|it) (?:\w+ )?(?:indicates?|suggests?|means?|shows?|demonstrates?|implies|reflects?"
    r"|represents?|would indicate|points? to)|we can (?:conclude|see)|it (?:appears|seems)|appears? to|seems? to)\b"
)

_OPPOSITES = (
    ("increase increased increases increasing improve improved improves improving improvement rise rose risen"
     " rises rising grow grew grown growing gain gained gains expand expanded expanding expansion climb climbed"
     " accelerate accelerated strengthen strengthened raise raised raises upward enhance enhanced enhances"
     " upregulate upregulated upregulates elevate elevated promote promotes jump jumped soar soared surge surged"
     " widen widened",
     "decrease decreased decreases decreasing decline declined declines declining fall fell fallen falls"
     " falling drop dropped drops dropping lower lowered lowers reduce reduced reduces reducing reduction shrink"
     " shrank shrunk deteriorate deteriorated deteriorating deterioration contract contracted contraction"
     " weaken weakened worsen worsened worsening downward diminish diminished downregulate downregulated"
     " downregulates inhibit inhibits suppress suppressed narrow narrowed plunge plunged slump slumped"),
    ("healthy strong sound solid robust favorable favourable adequate sufficient comfortable",
     "unhealthy weak poor inadequate insufficient unfavorable unfavourable concerning worrying"),
    ("consistent stable steady constant", "inconsistent unstable volatile fluctuate fluctuated fluctuating"),
    ("positive", "negative"), ("possible", "impossible"), ("safe", "unsafe dangerous"),
    ("legal lawful permitted allowed", "illegal unlawful forbidden prohibited banned"),
    ("significant", "insignificant"), ("effective efficacious", "ineffective inefficacious"),
    ("passed pass accepted approved carried succeed succeeds succeeded", "rejected defeated fail fails failed"),
    ("open opened opens", "closed close closes shut"),
    ("cover covers covered include includes included", "exclude excludes excluded omit omits omitted"), ("win won", "lose lost"), ("alive", "dead died"),
    ("present", "absent"), ("benign", "malignant"), ("required mandatory", "optional"),
    ("supports supported", "opposes opposed contradicts contradicted"), ("reversible", "irreversible"),
    ("dominant", "recessive"), ("hypermethylated", "hypomethylated"),
    ("activate activates activated agonist", "inactivate inactivates antagonist"),
)  # fmt: skip
"""Words of one direction, and of the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Polar:
    """A question that wants a yes or a no."""

    clause: Text
    """The part that asks."""
    content: frozenset[str]
    negated: bool
    """Whether what it asks about is itself negated: "are there any that do not …"."""
    directions: frozenset[tuple[int, bool]]
    """Which pairs of opposites it names, and which side of each."""


def asks_polar(question: str) -> str | None:
    """The clause of a normalised question that wants a yes or a no; None where none does."""
    if (truth := _TRUTH.match(question)) is not None:
        return truth["clause"] or truth["before"] or truth["fact"]
    for sentence in sentences(question):
        if not sentence.rstrip(" \"”)").endswith("?") and len(sentences(question)) > 1:
            continue
        match = _POLAR.search(sentence)
        if match is None or _ASKING.search(sentence[: match.start()]):
            continue
        return sentence[match.start() :].lstrip(",:; ")
    return None


def is_polar_reference(text: str) -> bool:
    """Whether a normalised reference is a yes or a no, with or without reasons."""
    return spoken(text) is not None


def spoken(text: str) -> bool | None:
    """The yes or no that a normalised text opens with; None for neither."""
    if _NEVER.match(text):
        return None
    if (says := _SAYS.match(text)) is not None:
        return says["word"] != "no" and not (says["not"] or says["never"] or says["false"])
    match = _YES_NO.match(text)
    if match is not None:
        return match["word"].startswith("y")
    match = _TRUE_FALSE.match(text)
    if match is None:
        return None
    return not match["word"].endswith("not") and match["word"] not in (
        "false", "incorrect", "negative", "not at all"
    )  # fmt: skip


class PolarityReader:
    """Reads which of yes and no a text says.

    Args:
        reader: For words and stems.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._sides: dict[str, list[tuple[int, bool]]] = {}
        for pair, sides in enumerate(_OPPOSITES):
            for up, words in zip((True, False), sides, strict=True):
                for stem in set(reader.read(words).stems):
                    self._sides.setdefault(stem, []).append((pair, up))

    def synonyms(self, stem: str) -> frozenset[str]:
        """Stems of the same direction as `stem`, itself included; empty for a word of none."""
        sides = set(self._sides.get(stem, ()))
        return frozenset(s for s, of in self._sides.items() if not sides.isdisjoint(of))

    @lru_cache(4096)  # noqa: B019 - one reader a process
    def polar(self, question: str) -> Polar | None:
        """A normalised question as one for yes or no; None where it asks for something else."""
        clause = asks_polar(question)
        if clause is None:
            return None
        # What stands behind the asking sentence's first comma is mostly a condition or a source.
        clause = re.sub(r"\([^()]*\)", " ", clause)
        return self.whole(
            self._reader.read(re.split(r"\?|\bif (?:not|so|the|\w+ is not)\b", clause)[0])
        )

    def whole(self, words: Text) -> Polar:
        """A text all of which asks for a yes or a no."""
        return Polar(
            clause=words,
            content=frozenset(words.content).difference(_FILLERS) or frozenset(words.content),
            negated=sum(at >= _HEAD for at in words.negations) % 2 == 1,
            directions=self._directions(words),
        )

    def replaces(self, text: str, polar: Polar, reason: frozenset[str]) -> bool:
        """Whether a text says in place of what is asked what a reference's "no" gives instead.

        "Mozart was born in Salzburg" says no to Vienna, where the reference says so.

        Args:
            text: Normalised.
            polar: What is asked.
            reason: Content of the reference beyond the question's.
        """
        if not reason:
            return False
        for sentence in sentences(text):
            words = self._reader.read(sentence)
            held = reason.intersection(words.content)
            if (
                len(held) >= _INSTEAD * len(reason)
                and not words.negations
                and not polar.content.issubset(words.content)
            ):
                return True
        return False

    def said(self, text: str, polar: Polar) -> bool | None:
        """Yes (True), no (False) or neither, by opening or by the sentence that decides.

        Args:
            text: Normalised.
            polar: What is asked.
        """
        opened = spoken(text)
        if opened is not None:
            return opened
        votes = [
            (sentence, vote)
            for sentence in sentences(text)
            if not sentence.endswith("?")
            and not _WONDERS.search(sentence)
            and (vote := self._vote(sentence, polar)) is not None
        ]
        if not votes:
            return None
        if self._shared(votes[0][0], polar) >= _STRONG:
            return votes[0][1]
        concluded = [vote for sentence, vote in votes if _CONCLUDES.search(sentence)]
        return concluded[-1] if concluded else votes[0][1]

    def _shared(self, sentence: str, polar: Polar) -> float:
        """Share of the question's content that a sentence repeats."""
        said = polar.content.intersection(self._reader.read(sentence).content)
        return len(said) / max(1, len(polar.content))

    def _vote(self, sentence: str, polar: Polar) -> bool | None:
        opened = spoken(sentence)
        if opened is not None and len(sentence) > 3:
            return opened
        if (ellipsis := _ELLIPSIS.match(sentence)) is not None:
            return not ellipsis["not"]
        words = _denying(self._reader.read(sentence), polar)
        shared = polar.content.intersection(words.content)
        fresh = [pair for pair, _ in polar.directions]
        sides = self._directions(words)
        same = any(side in polar.directions for side in sides)
        opposite = any((pair, not up) in polar.directions for pair, up in sides)
        plain = polar.content - {
            stem for stem in polar.content if any(pair in fresh for pair, _ in self._sides.get(stem, ()))
        }
        about = shared & plain
        negated = self._negated(words, polar) != _swapped(words, polar.clause)
        brief = len(words.stems) <= _BRIEF and (
            _PRONOUN.match(sentence) is not None or polar.content.issuperset(words.content)
        )
        if polar.directions and (same != opposite) and (about or brief or not plain):
            return (same != negated) != polar.negated
        if polar.directions and not same and not opposite and len(plain) < len(polar.content):
            # The predicate is a direction, and the sentence names none.
            return None
        if (len(shared) >= max(1.0, 0.5 * len(polar.content)) or (brief and shared)) and not (same and opposite):
            return negated == polar.negated
        return None

    def _directions(self, words: Text) -> frozenset[tuple[int, bool]]:
        turned = {
            (0, up)
            for up, pattern in ((True, _TURNS_UP), (False, _TURNS_DOWN))
            if pattern.search(words.plain)
        }
        return turned.union(side for stem in words.stems for side in self._sides.get(stem, ()))

    def _negated(self, words: Text, polar: Polar) -> bool:
        """Whether an odd number of negations governs what the sentence shares with the question."""
        at = [
            place
            for place, stem in enumerate(words.stems)
            if stem in polar.content or any(
                pair in {p for p, _ in polar.directions} for pair, _ in self._sides.get(stem, ())
            )
        ]
        if not at:
            return False
        clauses = {words.clauses[place] for place in at}
        denials = sum(
            words.clauses[negation] in clauses and negation <= at[-1]
            for negation in words.negations
            # "neither … nor" is one negation.
            if words.stems[negation] != "nor"
        )
        return denials % 2 == 1


def _denying(words: Text, polar: Polar) -> Text:
    """`words` with "insoluble" read as "not soluble", and "fails to" as "does not".

    Args:
        words: A sentence.
        polar: The question; only its words are looked for behind a prefix.
    """
    asked = polar.content
    graded = not _MORE.isdisjoint(polar.clause.stems)
    stems = list(words.stems)
    negations = set(words.negations)
    opposite = {_bare(stem): stem for stem in asked if _bare(stem) != stem}
    for at, stem in enumerate(stems):
        bare = stem if stem in asked else _bare(stem)
        if stem in opposite or (bare != stem and bare in asked):
            stems[at] = opposite.get(stem, bare)
            negations.add(at)
        elif _shuns(stem, stems[at + 1 : at + 2], asked) or (
            stem in _LESS and graded and not asked.isdisjoint(stems[at + 1 : at + 2])
        ):
            negations.add(at)
    if len(negations) == len(words.negations):
        return words
    content = tuple(dict.fromkeys((*words.content, *asked.intersection(stems))))
    return replace(words, stems=tuple(stems), negations=frozenset(negations), content=content)


def _shuns(stem: str, after: list[str], asked: frozenset[str]) -> bool:
    needed = _SHUNS.get(stem)
    if needed is None or stem in asked:
        return False
    return not needed or (bool(after) and after[0] in needed)


def _swapped(words: Text, asked: Text) -> bool:
    """Whether a sentence compares the other way round: "B is longer than A"."""
    if "than" not in words.stems or "than" not in asked.stems:
        return False
    first, second = _beside_than(asked)
    before, after = _beside_than(words)
    return bool((first - second) & after and (second - first) & before)


def _beside_than(words: Text) -> tuple[frozenset[str], frozenset[str]]:
    at = words.stems.index("than")
    content = frozenset(words.content)
    return content.intersection(words.stems[:at]), content.intersection(words.stems[at:])


def _bare(stem: str) -> str:
    """A stem without a prefix that turns it round; itself where it has none."""
    if stem in _NOT_PREFIXED:
        return stem
    prefix = next((prefix for prefix in _PREFIXES if stem.startswith(prefix)), "")
    return stem[len(prefix) :] if len(stem) >= len(prefix) + _SHORTEST_PREFIXED else stem
