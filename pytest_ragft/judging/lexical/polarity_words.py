"""How people say yes and no, ask for either, and which words say the opposite of which."""

from __future__ import annotations

import re

from pytest_ragft.judging.lexical.denial_words import FALSE, SURE

AUXILIARY = (
    r"(?:is|are|was|were|am|do|does|did|has|have|had|can|could|will|would|shall|should|may"
    r"|might|must"
    r"|is not|are not|was not|were not|do not|does not|did not|has not|have not|can not|could not)"
)
POLAR = re.compile(
    rf"(?:^|[,:;] |\b(?:and|or|whether|if) ){AUXILIARY}\b (?!(?:what|which|who|how|when|where"
    rf"|why)\b)"
)
ASKING = re.compile(r"\b(?:what|which|who|whom|whose|how|when|where|why)\b")
YES_NO = re.compile(
    r"^\W*(?:(?:based on|according to|judging by|given|from|per|in)"
    r" [^,;:.!?]{1,60}, )?(?:(?:the )?answer(?: is|:)? ?|well,? |so,? )*(?P<word>yes|yeah|yep"
    r"|no|nope|nah)\b(?=$|\s*[.,;:!–—-]|\s*\(|\s*\n"
    r"|\s+(?:it|he|she|they|we|i|you|there|this|that|these|those|the|its?|his|her|their|not"
    r"|because|but"
    r"|as|since|only|according|based|and|both|in|for|at|a|an)\b)"
)
TURNS_UP = re.compile(
    r"\b(?:went|go|goes|going|is|are|was|were|moved|trended|ticked|come|came) (?:\w+ly "
    r"|back )?up\b(?! to\b)"
)
TURNS_DOWN = re.compile(
    r"\b(?:went|go|goes|going|is|are|was|were|moved|trended|ticked|come|came) (?:\w+ly "
    r"|back )?down\b(?! to\b)"
)
NEVER = re.compile(
    r"^\W*(?:no (?:idea|clue|information|mention|answer|comment|doubt)|yes and no|yes or no"
    r"|no\. ?[0-9])"
)
SAYS = re.compile(
    r"^\W*(?:(?:well|so),? )?(?:(?:i|we) (?:would |do |must |am afraid )?(?:have to )?(?:think"
    r"|say|believe|guess|suspect)?(?: that)?"
    r"(?: the answer is)?:? (?P<word>yes|no)\b(?! \w)|(?:i|we) (?P<not>do not )?(?:think"
    r"|believe|guess) so\b"
    r"|(?P<never>(?:(?:absolutely|definitely|certainly|surely|probably|of course|i think|i"
    r" guess|unfortunately|i am afraid|i fear) not|never|not (?:yet|really|at all|any ?more"
    r"|exactly)|hardly)\W*(?:$|[.,;:!]))"
    rf"|(?:it|this|that|(?:the|this|that) (?:statement|claim|assertion|sentence)) (?:is|was)"
    rf" {SURE}(?:(?P<false>{FALSE})|(?:true|correct|right|accurate))"
    r"(?=\W*$|[.,;:!]))"
)
"""A yes or a no in other words: "I don't think so", "this statement is false"."""
TRUTH = re.compile(
    r"^\W*(?:(?:is (?:it|this)|answer) )?(?:(?:true or false|right or wrong|correct or"
    r" incorrect|yes or no)\W+)(?P<clause>\w.*)"
    r"|^(?P<before>.*\w)\W+(?:true or false|right or wrong|correct or incorrect|yes or no)\W*$"
    r"|^\W*is it (?:true|correct|the case|a fact|right) that (?P<fact>.*)"
)
"""Questions of whether what they state is true."""
ELLIPSIS = re.compile(
    r"^(?:[\w'’-]+ ){1,4}(?:is|are|was|were|am|do|does|did|has|have|had|can|could|will|would|shall"
    r"|should|may|might|must)(?P<not> not| never)?\W*$"
)
"""Answers by the auxiliary alone: "It does not"."""
FILLERS = (
    "ever",
    "yet",
    "still",
    "already",
    "actual",
    "actually",
    "really",
    "any",
    "anything",
    "anyone",
)
PREFIXES = ("un", "in", "im", "ir", "il", "non", "dis")
NOT_PREFIXED = frozenset(
    {
        "inform",
        "discov",
        "discount",
        "displai",
        "disord",
        "intak",
        "incom",
        "invest",
        "impart",
        "import",
        "unit",
        "instal",
        "insight",
        "dispos",
        "increas",
        "inborn",
        "instead",
        "imprint",
    }
)
"""Stems that only look like the opposite of another."""
SHORTEST_PREFIXED = 4
SHUNS: dict[str, tuple[str, ...]] = {
    "fail": ("to",), "refus": ("to",), "declin": ("to",), "unabl": ("to",), "ceas": ("to",),
    "exempt": ("from",), "free": ("of", "from"), "lack": (), "avoid": (),
}  # fmt: skip
"""Words that deny what is behind them, with those of which one must follow."""
LESS = frozenset({"less", "fewer"})
MORE = frozenset({"more"})
TRUE_FALSE = re.compile(
    r"^\W*(?P<word>true|correct|(?:right|sure|exactly|naturally)(?=[,!])|indeed|certainly"
    r"|affirmative|absolutely|false|incorrect|negative|not at all|definitely|of course(?:"
    r" not)?)\b\s*(?=$|[.,;:!])"
)
STRONG = 0.6
"""Share of the question's content from which a first sentence decides, whatever follows."""
WONDERS = re.compile(
    r"^(?:\W|\d)*(?:the question (?:is|was|asks)\b|(?:you|we) (?:are )?(?:ask|asked|asking"
    r"|want to know)\b"
    r"|it (?:asks|is asked) |to (?:determine|assess|answer|evaluate|find out|see|analy[sz]e"
    r"|check)|whether"
    r"|in order to|we (?:need|have) to|let us)\b"
)
INSTEAD = 0.6
"""Share of a reference's reason from which a sentence gives it."""
BRIEF = 8
PRONOUN = re.compile(r"\W*(?:it|they|he|she|this|that|these|those|both|all)\b")
HEAD = 3
"""Words in which a negation only colours the question: "is it not …?" is answered as "is it …?"."""
CONCLUDES = re.compile(
    r"\b(?:therefore|thus|hence|overall|in summary|in conclusion|to conclude|to summari[sz]e|so,"
    r"|(?:this|these|that|which|it) (?:\w+ )?(?:indicates?|suggests?|means?|shows?"
    r"|demonstrates?|implies|reflects?"
    r"|represents?|would indicate|points? to)|we can (?:conclude|see)|it (?:appears|seems)"
    r"|appears? to|seems? to)\b"
)

OPPOSITES = (
    (
        "increase increased increases increasing improve improved improves improving improvement"
        " rise rose risen"
        " rises rising grow grew grown growing gain gained gains expand expanded expanding"
        " expansion climb climbed"
        " accelerate accelerated strengthen strengthened raise raised raises upward enhance"
        " enhanced enhances"
        " upregulate upregulated upregulates elevate elevated promote promotes jump jumped soar"
        " soared surge surged"
        " widen widened",
        "decrease decreased decreases decreasing decline declined declines declining fall fell"
        " fallen falls"
        " falling drop dropped drops dropping lower lowered lowers reduce reduced reduces"
        " reducing reduction shrink"
        " shrank shrunk deteriorate deteriorated deteriorating deterioration contract contracted"
        " contraction"
        " weaken weakened worsen worsened worsening downward diminish diminished downregulate"
        " downregulated"
        " downregulates inhibit inhibits suppress suppressed narrow narrowed plunge plunged slump"
        " slumped",
    ),
    (
        "healthy strong sound solid robust favorable favourable adequate sufficient comfortable",
        "unhealthy weak poor inadequate insufficient unfavorable unfavourable concerning worrying",
    ),
    (
        "consistent stable steady constant",
        "inconsistent unstable volatile fluctuate fluctuated fluctuating",
    ),
    ("positive", "negative"),
    ("possible", "impossible"),
    ("safe", "unsafe dangerous"),
    ("legal lawful permitted allowed", "illegal unlawful forbidden prohibited banned"),
    ("significant", "insignificant"),
    ("effective efficacious", "ineffective inefficacious"),
    (
        "passed pass accepted approved carried succeed succeeds succeeded",
        "rejected defeated fail fails failed",
    ),
    ("open opened opens", "closed close closes shut"),
    (
        "cover covers covered include includes included",
        "exclude excludes excluded omit omits omitted",
    ),
    ("win won", "lose lost"),
    ("alive", "dead died"),
    ("present", "absent"),
    ("benign", "malignant"),
    ("required mandatory", "optional"),
    ("supports supported", "opposes opposed contradicts contradicted"),
    ("reversible", "irreversible"),
    ("dominant", "recessive"),
    ("hypermethylated", "hypomethylated"),
    ("activate activates activated agonist", "inactivate inactivates antagonist"),
)
"""Words of one direction, and of the other."""
