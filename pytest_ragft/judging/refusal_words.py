"""The words by which English says that it cannot answer, as regular expressions by kind.

All are for clauses as `refusal_clauses` cuts them: casefolded, "not" written out, no markup.
Repetitions are bounded, so that a search takes time linear in the text.
"""

from __future__ import annotations

import re


def any_of(*words: str) -> str:
    """An alternation of words that spaces part; ``_`` stands for a space."""
    return f"(?:{'|'.join(' '.join(words).split()).replace('_', ' ')})"


TEXT = any_of(
    r"contexts? passages? texts? documents? documentation docs excerpts? snippets? paragraphs?",
    r"information info sources? materials? filings? reports? statements? tables? pages? websites?",
    r"records? articles? sections? notes? transcripts? results files? pdfs? manuals? guides? faqs?",
    r"guidelines? leaflets? brochures? minutes chapters? extracts? knowledge_base",
    r"databases? 10-[kq] 8-k prompt query sheets? spreadsheets? slides? financials content graphs?",
    r"charts? exhibits? abstracts? input conversation quotes? descriptions? e-?mails? letters?",
    r"notices? overviews? memos? timetables? biograph(?:y"
    r"|ies) readme profiles? listings? entr(?:y"
    r"|ies) releases? announcements? appendix attachments? chunks?",
)
"""What an answer may read from."""
FINDINGS = any_of(
    r"data evidence papers? stud(?:y|ies) authors? trials? company researchers? literature",
    r"figures? numbers? details? review book writer speaker management",
)
"""What finds things out, too: "the study does not report a difference" is a statement."""
_THE = r"(?:any |the |this |these |that |those |your |my )?(?:of the )?(?:[\w'-]+ ){0,2}?"
_BEHIND = any_of(
    r"provided given available above here itself alone also in from of for about on you that which",
    r"i presented supplied excerpts? retrieved shared contained regarding within to as only data",
    r"section below at_hand at ,",
)
"""What begins the words between a source and its verb: "the text encoder" is no source."""
_MID = (
    r"(?:(?:\w+ly|even|yet|quite|also|still|just|in fact|at all|here|always|ever|able to|have to"
    r"|be able to|seem to|appear to|want to|be|been|in any way|anywhere) ){0,3}"
)
"""What may stand between "not" and its verb."""
QUALIFIED = r"(?:\w+ly )?(?:(?!no\b|not\b)[\w'-]+ ){0,3}?"
_IS = r"(?:is|are|was|were|has been|have been|being|be|remains?|stays?)"
_IS_NOT = rf"(?:{_IS} (?:not|never)|(?:has|have|had) (?:not|never)(?: yet| ever)? been)"

_TELL = any_of(
    "say state mention specify tell disclose reveal answer address clarify explain define identify",
    "elaborate provide contain include give discuss list name offer cover refer break_out detail",
    "break_down itemi[sz]e go_into touch speak supply document record spell_out",
    "make_(?:it_|any_|that_)?(?:clear|mention)",
)
_SHOW = any_of(
    "indicate describe report show present suffice support quantify note outline confirm hold",
    r"(?:seem|appear)_to_(?:\w+_)?(?:say|mention|contain|include|provide|have|be) relate pertain",
    "have_(?:any|enough|the|that|this|an|sufficient|information|details?|data|access) correspond",
)
_TOLD = any_of(
    "mentioned stated specified provided given said indicated described discussed addressed named",
    "included listed disclosed explained answered covered reported contained defined identified",
    "detailed shown supplied referenced presented broken_(?:out|down) noted revealed recorded",
    "documented quantified spelled_out elaborated_(?:on|upon) touched_(?:on|upon) offered",
    "gone_into brought_up set_out made_(?:clear|explicit|known)",
)
_THERE = any_of(
    "available known clear found present evident obvious visible part accessible apparent"
)
_DO = any_of(
    "answer say tell determine know calculate compute assess provide give conclude identify derive",
    "infer establish evaluate estimate ascertain confirm verify find comment make draw judge state",
    "respond complete perform deduce quantify compare predict decide be_certain be_sure offer",
    "measure see reach pinpoint specify work_out figure_out carry_out analy[sz]e discern recommend",
)
"""What somebody who answers would do."""
_DONE = any_of(
    "determined answered inferred established concluded deduced calculated computed derived",
    "ascertained assessed evaluated estimated verified confirmed discerned gleaned worked_out told",
    "quantified",
)
_FACT = any_of(
    r"information info mention details? data answers? indication figures? references? evidence",
    r"specifics context discussion disclosure passage breakdown basis numbers? material way",
    r"explanations? reasons? causes? dates? names? values? amounts? entr(?:y|ies) statements?",
)
_ASK = r"(?:whether|if|how|what|who|when|where|why|which)"
_ABOUT = any_of(
    r"about on regarding concerning in given provided available is was are were that to for as of",
    r"related relating needed required necessary here there from within with which by specific",
    r"indicating showing detailing specifying how who what when where why whether",
)

_HEAD = (
    r"(?:^|[,:;\u2013\u2014-] |\b"
    + any_of(
        "that which so and but since because as afraid assistant model ai it this these them data",
        "context information",
    )
    + " )"
)
_FIRST = r"(?:(?:\w+ly|also|just|still|even|have been|would|must|have to|do|am) ){0,3}"

_NEGATED = any_of(
    r"not no nothing never nowhere none neither without lack\w* absent missing omit\w* left_out"
    r" silent",
    r"fail\w* insufficient too_little",
)
_GIVEN = (
    r"(?:contexts?(?! of\b)|passages?|excerpts?|snippets?|(?:provided|given|supplied|retrieved"
    rf"|available|quoted|shared|attached) (?:[\w-]+ )?{TEXT}|what (?:i|you|we|is|was|has|have|had)"
    r"(?: (?:been|was|were|have|had))? (?:given|provided|supplied|shared|shown|sent))"
)
"""What only somebody speaks of who answers from it."""

CANNOT = re.compile(
    "|".join(
        (
            # The speaker does not, cannot, has not, will not.
            rf"{_HEAD}i {_FIRST}(?:[a-z]+ )?(?:not|no|nothing|never|neither|lack|decline|refuse"
            r"|unable|unsure|uncertain|unaware|rather not)\b(?! (?:think|believe|mean|only|just"
            r"|agree|recommend|hesitate|suggest|expect|see why)\b)(?: \w+)?",
            rf"{_HEAD}we (?:\w+ly )?(?:(?:do|can|could|did|are|have|would) (?:not|unable) {_MID}"
            rf"(?:to )?(?:know|learn|hear|find out|{_DO}|have {QUALIFIED}{_FACT})|(?:have|had|see"
            rf"|find) (?:no"
            rf"|insufficient) {QUALIFIED}{_FACT}|are (?:not sure|unsure|not certain|unaware"
            r"|not told|not given|not informed)|lack)\b",
            r"^(?:sorry,? )?(?:do|can|could|did|am|will) not (?:know|say|tell|answer|determine|find"
            r"|be sure|sure|certain|able|help|provide)\b",
            r"^(?:(?:sorry|honestly|hmm|well|regrettably|unfortunately),? )?(?:no|not)"
            r" (?:idea|clue|sure|certain)\b",
            rf"\b(?:i|we|one) (?:would |will |do )?(?:need|require|want) (?:(?:to (?:see|know"
            rf"|have)|more"
            rf"|further|additional|the|a) )(?:[\w-]+ ){{0,4}}?(?:to|before i can"
            rf"|in order to) {_DO}\b",
            r"\b(?:eludes|escapes) me\b|\banswer(?:s|ing)?(?: (?:this|that|it))? (?:would"
            r"|will) (?:need"
            r"|require|take)\b",
            r"\b(?:came|come|comes|coming) (?:up|away) (?:empty|with nothing|blank)"
            r"|\bdr[ae]wn? a blank"
            r"|\b(?:turn|brought|bring)(?:s|ed)? up nothing\b|\bto no avail\b|\bwithout success\b",
            r"\b(?:would|will|could) (?:only )?be (?:guess\w*|speculat\w*|(?:a|mere|pure) (?:guess"
            r"|speculation|guesswork))",
            rf"^(?:unable|not able) to {_DO}\b",
            rf"\b(?:beyond|outside) (?:of )?(?:my|what (?:i|is|was|(?:the|this|these|any) {TEXT})"
            rf"|(?:the |these )?{_GIVEN}|the"
            r" (?:scope|reach|information|data|documents?|material|knowledge))\b",
            rf"^(?:but|and|yet) (?:\w+ly )?(?:can|could|did|was|am|were) (?:not|unable to) {_MID}"
            rf"(?:{_DO}|locate|tell)\b",
            r"\b(?:not|nothing|hardly) (?:something |anything |one )?(?:that )?(?:i|we) (?:know"
            r"|have|can"
            r"|could"
            r"|am able|would be able)\b",
            rf"{_HEAD}i (?:can|could|may|am able to) only (?:answer|help|use|rely|work|speak|go by"
            r"|draw|see|provide|base)\b",
            rf"\bone (?:can|could) not {_MID}{_DO}\b",
            # It cannot be done.
            rf"\bcan not {_MID}{_DONE}\b",
            rf"\bcan not {_MID}(?:known|found|identified|given|provided|specified|said|stated|made"
            rf"|judged|extracted|had|answered)(?:$| (?:based on|without|due to|given|solely"
            rf"|{_ASK})\b"
            rf"| (?:\w+ )?(?:from|with|using|in|by) (?:only )?{_THE}(?:{TEXT}|{FINDINGS}|what)\b)",
            rf"\b(?:impossible|not (?:\w+ )?(?:possible|feasible)|no way|not (?:\w+ )?enough"
            rf"|insufficient|not sufficient|too little|(?:difficult|hard)) (?:[\w-]+ ){{0,5}}?"
            rf"(?:for (?:me|us|anyone|one) )?to {_MID}{_DO}\b",
            r"\bnot (?:\w+ )?(?:allow|permit|enable|help|let) (?:me|us|one|anyone|for|you)\b",
        )
    )
)
"""That the speaker, or anybody, cannot give an answer."""

SILENT = re.compile(
    "|".join(
        (
            # The source does not say.
            rf"\b{TEXT} (?:{_BEHIND} (?:[^\s]+ ){{0,8}}?)?(?:(?:do|does|did|can|could) not {_MID}"
            rf"(?:{_TELL}|{_SHOW})|(?:is|are|was|were) (?:not {_MID}(?:sufficient|enough|about"
            r"|related|relevant|clear|specific|explicit|adequate|complete)"
            r"|(?:\w+ )?(?:silent|insufficient|missing)))\b",
            rf"\b{TEXT} (?:\w+ )?(?:do|does|did) not$",
            rf"\b(?:(?:do|does|did) not|never) {_MID}(?:say|state|mention|specify|tell|explain"
            rf"|record"
            rf"|disclose|reveal|indicate|name|clarify)(?:s|ed|d)? (?:\w+ )?{_ASK}\b",
            rf"\bnot (?:something|anything|what|an? \w+|among (?:what|the \w+)|one of the \w+)"
            rf" (?:that |which )?{_THE}(?:{TEXT}) (?:\w+ )?(?:{_TELL}|{_SHOW}|get|deal|go)\w*\b",
            r"\bnot (?:among|one of|part of) (?:the|its|their|these|those) (?:[\w-]+ )?(?:topics?"
            r"|subjects?|things?|points?|matters?|items?|questions?|issues?)\b",
            rf"\bnowhere (?:[\w'-]+ ){{0,10}}?(?:{_TOLD}|{_TELL}|{_THERE})\b",
            r"\banswers? (?:is|are) not (?:in )?(?:here|there)\b",
            rf"\brelevant (?:\w+ )?{TEXT} (?:{_IS}|(?:appear"
            rf"|seem)s?(?: to be)?) (?:\w+ )?(?:missing"
            r"|absent|lacking|omitted|left out|cut)\b",
            rf"\b{FINDINGS} (?:[\w-]+ ){{0,3}}?(?:do|does|did|has|have) not {_MID}{_TELL}\b",
            rf"^(?:it|this|that|they) (?:also )?(?:do|does|did) not {_MID}(?:say|mention|specify"
            rf"|tell|state|disclose|(?:provide|contain|include|give) {QUALIFIED}{_FACT})\b",
            rf"^(?:but|however|though|although|and),? (?:it|this|that|they) (?:also )?(?:do|does"
            rf"|did) not {_MID}(?:{_TELL}|reference)\b",
            rf"\byou (?:have|had|did) not {_MID}(?:give|{_TELL}|{_TOLD}|share|attach|upload)",
            rf"\b(?:{TEXT}|{FINDINGS}) (?:[^\s]+ ){{0,5}}?(?:provides?|contains?|gives?|has|have"
            r"|offers?|makes?|includes?|mentions?|says?|shows?|reveals?|holds?|discloses?) (?:no"
            r"|nothing|neither|insufficient|not enough|too little)\b(?! (?:effect|difference)\b)",
            rf"\b(?:{TEXT}|{FINDINGS}) (?:[\w-]+ )?(?:lacks?|omits?|fails? to|(?:is|are) silent"
            r"|(?:remains?|stays?|keeps?) (?:silent|mum|quiet)|(?:is|are) (?:mum|quiet))\b",
            rf"\b(?:none|nothing|neither|nowhere|no part|nor) (?:\w+ )?(?:of |in |from )?{_THE}"
            rf"(?:{TEXT})\b",
            rf"\bnot {_MID}(?:{_TOLD}|{_THERE}) (?:[\w-]+ ){{0,3}}?(?:in|by|from|within|on|among"
            rf"|anywhere in|as part of) {_THE}(?:{TEXT}|{FINDINGS})\b",
            r"\bun(?:mentioned|stated|specified|disclosed|answered|reported|addressed|explained)"
            r"(?:$| (?:in|by|here|there)\b)",
            rf"^not {_MID}{_TOLD}(?: (?:here|there))?$",
            r"^(?:but |however,? )?no (?:[\w-]+ ){1,4}(?:is|are|was|were) (?:stated|mentioned"
            r"|specified|disclosed)$",
            r"\bnot (?:in|within|part of|among) (?:the|this|any|my|your|these|what) (?:\w+ )?"
            rf"{TEXT}$",
            rf"\b(?:information|info|details?|data|figures?|answers?|specifics|numbers?|values?)"
            rf" (?:[^\s]+ ){{0,12}}?{_IS_NOT} {_MID}(?:{_TOLD}|{_THERE})\b",
            rf"^(?:but |however,? |and )?(?:(?!according|based|from|per"
            rf"|in)[\w'-]+ ){{0,3}}?{_GIVEN}"
            rf" (?!(?:is|are|was|were)\b)(?:(?!that\b)[^\s]+ ){{0,8}}?{_NEGATED}\b",
            rf"\b{_NEGATED} (?:[^\s]+ ){{0,10}}?(?:in|from|within|by|of|on|among) {_THE}(?:{_GIVEN}"
            r"|texts?|documents?|articles?|sources?|materials?|information)(?:$|,| (?:above|here"
            r"|below"
            r"|provided|given|itself|i|you|that|supplied|shared)\b)",
            r"^(?:unclear|unknown|uncertain|unspecified|unstated|not (?:clear|known|stated|given"
            r"|sure))"
            r" (?:from|in|based on|given|within)\b",
            rf"^(?:it|this|that) {_IS_NOT} {_MID}{_TOLD}(?:$| {_ASK}\b)",
            rf"\bnothing (?:\w+ )?(?:is|was|has been) (?:{_TOLD}|written)\b",
            r"\b(?:contain|say|provide|give|offer|include|mention|have|had|hold|found|find|see"
            r"|know)s?"
            r" nothing (?:about|on|regarding|of|concerning|relevant)\b",
            rf"\b(?:{TEXT}|{_GIVEN}) (?:[\w-]+ ){{0,2}}?(?:(?:only|merely|solely) (?:discuss|cover"
            r"|deal|talk|concern|address|describe|focus|relate)|stops?|ends?|breaks? off)\w*\b",
            r"\b(?:leaves?|(?:is|are|was|were) left) (?:[\w'-]+ ){0,5}?(?:open|un(?:said|named"
            r"|stated|specified|clear|answered"
            r"|mentioned|explained))\b",
            r"\bno (?:\w+ )?(?:information|info|details?|mention|answer) (?:is |was |are |were )?"
            r"(?:available|given|provided|found)\b",
            # There is nothing to answer from.
            rf"\bno {QUALIFIED}{_FACT} (?:[\w'-]+ ){{0,8}}?(?:in|by|from|within) {_THE}"
            rf"(?:{TEXT}|data|evidence)\b",
            r"\b(?:there is|there are|there was|there were|has|have|with|contains?|provides?"
            rf"|gives?|includes?|offers?|is) no {QUALIFIED}(?:information|info|mention|answer"
            rf"|details?|specifics)(?: {_ABOUT}\b|$)",
            rf"\b(?:there is|there are) no {QUALIFIED}(?:data|figures?|reference|discussion"
            r"|statement|record|entry|explanation) (?:about|on|regarding|concerning|in|given|made"
            r"|provided|available|for|of|as to|supplied|included)\b",
            r"^(?:sorry,? )?no (?:[\w-]+ )?(?:information|info|mention|answer|details?|data)"
            r"(?:$| (?:about|of|as to|on|regarding|concerning|given|provided|available|found|to"
            r"|that"
            rf"|{_IS} (?:\w+ly )?(?:{_TOLD}|{_THERE}|made)"
            r"(?:$| (?:in|about|of|on|regarding|for|here)))\b)",
            r"\b(?:not enough|insufficient|too little|a lack of|lack of|absence of|missing"
            r"|inadequate) (?:[\w-]+ ){0,2}?(?:information|info|context|data|details?|evidence"
            r"|figures) (?:[\w-]+ ){0,3}?(?:to|in the|from the|provided|given|available)\b",
            r"^(?:there is )?(?:not enough|insufficient) (?:information|context|data|details?)$",
            # It is unknown.
            rf"\b(?:it|this|that) (?:is|was|remains) (?:\w+ )?(?:unknown|not known|unclear"
            rf"|not clear|uncertain|not certain|unspecified)(?:$| (?:from|based|in the|to me"
            rf"|{_ASK})\b)",
            r"\b(?:answers?|question) (?:\w+ ){0,4}?(?:is|are|remains) (?:\w+ )?(?:unknown"
            r"|not known"
            r"|unclear|not clear|unanswerable|not answerable|not available|beyond|uncertain)\b",
            r"^(?:unknown|unclear|unsure|unanswerable|uncertain|unspecified|not sure|not known|not"
            r" clear|no idea|no clue|n/a|not available|not applicable|not given|not found|not"
            r" enough information|dunno|idk|no comment|not disclosed|undisclosed|pass|none given"
            r"|(?:information|answer|data) (?:not|un)\s?(?:available|found|provided|given|known))$",
        )
    )
)
"""That the source does not say, or that it is not known."""

UNTOLD = re.compile(
    rf"\bno (?:[\w'-]+ ){{1,4}}?{_IS} {_MID}(?:{_TOLD})(?:$| (?:here|there|in|by|from|for|on)\b)"
    rf"|(?:[\w'&,-]+ ){{1,20}}?{_IS_NOT} {_MID}(?:{_TOLD})"
    r"(?:$|,| (?:here|there|in|for|anywhere|explicitly|directly|or|and|nor|above)\b)"
    rf"|(?:[\w'&,-]+:? ){{1,8}}?(?:not|never) {_MID}(?:{_TOLD})$"
    r"|(?:[\w'&,-]+:? ){1,8}?(?:n/a|unknown|not available|none given)$"
    r"|(?:[\w'&,-]+ ){0,8}?(?:gives?|provides?|contains?|includes?|mentions?|names?|lists?|offers?"
    r"|states?|specif(?:y|ies)) no (?:[\w'-]+ ){0,3}?[\w'-]+$"
    r"|(?:[\w'&,-]+ ){1,12}?(?:do|does|did) (?:not|never) (?:appear|occur|feature|figure|come up)"
    rf"(?:$| (?:here|there|anywhere|in {_THE}{TEXT})\b)"
    rf"|(?:[\w'&,-]+ ){{1,12}}?(?:{_IS}|(?:appear|seem)s?(?: to be)?) (?:\w+ )?(?:missing|absent"
    rf"|lacking|omitted|left out)(?:$|,| (?:from|of|in) {_THE}{TEXT})"
    rf"|(?:[\w'&,-]+ ){{1,8}}?(?:do|does|did) (?:not|never) {_MID}(?:say|mention|state|specify"
    r"|explain|elaborate|go into|discuss|address|tell|touch|spell out|clarify|(?:provide|contain"
    rf"|include|give) (?:[\w'-]+ ){{0,3}}?{_FACT})\b"
    r"|(?:[\w'&-]+ ){1,12}?(?:is|are|was|were|remains?|goes|go) (?:\w+ )?(?:unknown|not known"
    r"|unspecified|unstated|undisclosed|unclear)(?:$| (?:from|based on|given|to me|in)\b)"
)
"""That something is not told; a refusal where it is the thing asked for, or a `FACTS`."""

FACTS = frozenset(
    {"detail", "answer", "figur", "number", "reason", "caus", "explan",
     "date", "name", "valu", "amount", "specif", "exact", "such"}
)  # fmt: skip
"""Stems of what stands for whatever was asked for."""
TOLD = frozenset(
    {"mention", "state", "specifi", "provid", "given", "give", "sai", "said", "indic", "describ",
     "discuss", "address", "includ", "list", "disclos", "explain", "cover", "report", "contain",
     "defin", "identifi", "detail", "shown", "show", "suppli", "present", "note", "reveal",
     "record", "document", "known", "know", "unknown", "determin", "calcul", "comput", "conclud",
     "deriv", "infer", "assess", "estim", "verifi", "confirm", "tell", "told", "unclear",
     "clear", "unspecifi", "found", "find", "avail", "unstat", "undisclos"}
)  # fmt: skip
"""Stems of telling and finding out: what a question holds of these is its matter."""
