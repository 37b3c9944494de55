"""The words by which English says that it cannot answer, as regular expressions by kind.

All are for clauses as `refusal_clauses` cuts them: casefolded, "not" written out, no markup.
Repetitions are bounded, so that a search takes time linear in the text.
"""

from __future__ import annotations

import re


def _any(*words: str) -> str:
    """An alternation of words that spaces part; ``_`` stands for a space."""
    return f"(?:{'|'.join(' '.join(words).split()).replace('_', ' ')})"


_TEXT = _any(
    r"contexts? passages? texts? documents? documentation docs excerpts? snippets? paragraphs?",
    r"information info sources? materials? filings? reports? statements? tables? pages? websites?",
    r"records? articles? sections? notes? transcripts? results files? pdfs? manuals? guides? faqs?",
    r"guidelines? leaflets? brochures? minutes chapters? extracts? knowledge_base",
    r"databases? 10-[kq] 8-k prompt query sheets? spreadsheets? slides? financials content graphs?",
    r"charts? exhibits? abstracts? input conversation quotes? descriptions? e-?mails? letters?",
    r"listings? entr(?:y|ies) releases? announcements? appendix attachments? chunks?",
)
"""What an answer may read from."""
_FINDINGS = _any(
    r"data evidence papers? stud(?:y|ies) authors? trials? company researchers? literature",
    r"figures? numbers? details? review book writer speaker management",
)
"""What finds things out, too: "the study does not report a difference" is a statement."""
_THE = r"(?:any |the |this |these |that |those |your |my )?(?:of the )?(?:[\w'-]+ ){0,2}?"
_BEHIND = _any(
    r"provided given available above here itself alone also in from of for about on you that which",
    r"i presented supplied excerpts? retrieved shared contained regarding within to as only data",
    r"section below at_hand ,",
)
"""What begins the words between a source and its verb: "the text encoder" is no source."""
_MID = (
    r"(?:(?:\w+ly|even|yet|quite|also|still|just|in fact|at all|here|always|ever|able to|have to"
    r"|be able to|seem to|appear to|want to|be|been|in any way|anywhere) ){0,3}"
)
"""What may stand between "not" and its verb."""
_QUALIFIED = r"(?:\w+ly )?(?:(?!no\b|not\b)[\w'-]+ ){0,3}?"
_IS = r"(?:is|are|was|were|has been|have been|being|be|remains?|stays?)"

_TELL = _any(
    "say state mention specify tell disclose reveal answer address clarify explain define identify",
    "elaborate provide contain include give discuss list name offer cover refer break_out detail",
    "break_down itemi[sz]e go_into touch speak supply document record spell_out",
    "make_(?:it_|any_|that_)?(?:clear|mention)",
)
_SHOW = _any(
    "indicate describe report show present suffice support quantify note outline confirm hold",
    r"(?:seem|appear)_to_(?:\w+_)?(?:say|mention|contain|include|provide|have|be) relate pertain",
    "have_(?:any|enough|the|that|this|an|sufficient|information|details?|data|access) correspond",
)
_TOLD = _any(
    "mentioned stated specified provided given said indicated described discussed addressed named",
    "included listed disclosed explained answered covered reported contained defined identified",
    "detailed shown supplied referenced presented broken_(?:out|down) noted revealed recorded",
    "documented quantified spelled_out elaborated_(?:on|upon) touched_(?:on|upon)",
)
_THERE = _any(
    "available known clear found present evident obvious visible part accessible apparent"
)
_DO = _any(
    "answer say tell determine know calculate compute assess provide give conclude identify derive",
    "infer establish evaluate estimate ascertain confirm verify find comment make draw judge state",
    "respond complete perform deduce quantify compare predict decide be_certain be_sure offer",
    "measure see reach pinpoint specify work_out figure_out carry_out analy[sz]e discern recommend",
)
"""What somebody who answers would do."""
_DONE = _any(
    "determined answered inferred established concluded deduced calculated computed derived",
    "ascertained assessed evaluated estimated verified confirmed discerned gleaned worked_out told",
    "quantified",
)
_FACT = _any(
    r"information info mention details? data answers? indication figures? references? evidence",
    r"specifics context discussion disclosure passage breakdown basis numbers? material way",
    r"explanations? reasons? causes? dates? names? values? amounts? entr(?:y|ies) statements?",
)
_ASK = r"(?:whether|if|how|what|who|when|where|why|which)"
_ABOUT = _any(
    r"about on regarding concerning in given provided available is was are were that to for as of",
    r"related relating needed required necessary here there from within with which by specific",
    r"indicating showing detailing specifying how who what when where why whether",
)

_HEAD = (
    r"(?:^|, |\b"
    + _any(
        "that so and but since because as afraid assistant model ai it this these them data context",
        "information",
    )
    + " )"
)
_FIRST = r"(?:(?:\w+ly|also|just|would|must|have to|do|am) ){0,3}"

CANNOT = re.compile(
    "|".join(
        (
            # The speaker does not, cannot, has not, will not.
            rf"{_HEAD}i {_FIRST}(?:[a-z]+ )?(?:not|no|nothing|never|neither|lack|decline|refuse"
            r"|unable|unsure|uncertain|unaware|rather not)\b(?! (?:think|believe|mean|only|just"
            r"|agree|recommend|hesitate|suggest|expect|see why)\b)(?: \w+)?",
            rf"{_HEAD}we (?:\w+ly )?(?:(?:do|can|could|did|are|have|would) (?:not|unable) {_MID}"
            rf"(?:to )?(?:know|{_DO}|have {_QUALIFIED}{_FACT})|(?:have|had|see|find) (?:no"
            rf"|insufficient) {_QUALIFIED}{_FACT}|are (?:not sure|unsure|not certain|unaware)"
            r"|lack)\b",
            r"^(?:sorry,? )?(?:do|can|could|did|am|will) not (?:know|say|tell|answer|determine|find"
            r"|be sure|sure|certain|able|help|provide)\b",
            r"^(?:no|not) (?:idea|clue|sure|certain)\b",
            rf"^(?:unable|not able) to {_DO}\b",
            r"\b(?:beyond|outside) (?:of )?(?:my|what i|the scope of)\b",
            rf"\bone (?:can|could) not {_MID}{_DO}\b",
            # It cannot be done.
            rf"\bcan not {_MID}{_DONE}\b",
            rf"\bcan not {_MID}(?:known|found|identified|given|provided|specified|said|stated|made"
            rf"|judged|extracted|had|answered)(?:$| (?:based on|without|due to|given|solely|{_ASK})\b"
            rf"| (?:\w+ )?(?:from|with|using|in|by) (?:only )?{_THE}(?:{_TEXT}|{_FINDINGS}|what)\b)",
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
            rf"\b{_TEXT} (?:{_BEHIND} (?:[^\s]+ ){{0,8}}?)?(?:(?:do|does|did|can|could) not {_MID}"
            rf"(?:{_TELL}|{_SHOW})|(?:is|are|was|were) (?:not {_MID}(?:sufficient|enough|about"
            r"|related|relevant|clear|specific|explicit|adequate|complete)|silent|insufficient"
            r"|missing))\b",
            rf"\b{_TEXT} (?:\w+ )?(?:do|does|did) not$",
            rf"\b{_FINDINGS} (?:[\w-]+ ){{0,3}}?(?:do|does|did|has|have) not {_MID}{_TELL}\b",
            rf"^(?:it|this|that|they) (?:also )?(?:do|does|did) not {_MID}(?:say|mention|specify"
            rf"|tell|state|disclose|(?:provide|contain|include|give) {_QUALIFIED}{_FACT})\b",
            rf"^(?:but|however|though|although|and),? (?:it|this|that|they) (?:also )?(?:do|does"
            rf"|did) not {_MID}(?:{_TELL}|reference)\b",
            rf"\byou (?:have|had|did) not {_MID}(?:give|{_TELL}|{_TOLD}|share|attach|upload)",
            rf"\b(?:{_TEXT}|{_FINDINGS}) (?:[^\s]+ ){{0,5}}?(?:provides?|contains?|gives?|has|have"
            r"|offers?|makes?|includes?|mentions?|says?|shows?|reveals?|holds?|discloses?) (?:no"
            r"|nothing|neither|insufficient|not enough|too little)\b(?! (?:effect|difference)\b)",
            rf"\b(?:{_TEXT}|{_FINDINGS}) (?:[\w-]+ )?(?:lacks?|omits?|fails? to|(?:is|are) silent"
            r"|remains? silent|stays? silent)\b",
            rf"\b(?:none|nothing|neither|nowhere|no part|nor) (?:\w+ )?(?:of |in |from )?{_THE}"
            rf"(?:{_TEXT})\b",
            rf"\bnot {_MID}(?:{_TOLD}|{_THERE}) (?:[\w-]+ ){{0,3}}?(?:in|by|from|within|on|among"
            rf"|anywhere in|as part of) {_THE}(?:{_TEXT}|{_FINDINGS})\b",
            r"\bun(?:mentioned|stated|specified|disclosed|answered|reported|addressed|explained)"
            r"(?:$| (?:in|by|here|there)\b)",
            rf"^not {_MID}{_TOLD}(?: (?:here|there))?$",
            r"\bnot (?:in|within|part of|among) (?:the|this|any|my|your|these|what) (?:\w+ )?"
            rf"{_TEXT}$",
            rf"\b(?:information|info|details?|data|figures?|answers?|specifics|numbers?|values?)"
            rf" (?:[^\s]+ ){{0,12}}?{_IS} not {_MID}(?:{_TOLD}|{_THERE})\b",
            # There is nothing to answer from.
            rf"\bno {_QUALIFIED}{_FACT} (?:[\w'-]+ ){{0,8}}?(?:in|by|from|within) {_THE}"
            rf"(?:{_TEXT}|data|evidence)\b",
            r"\b(?:there is|there are|there was|there were|has|have|with|contains?|provides?"
            rf"|gives?|includes?|offers?|is) no {_QUALIFIED}(?:information|info|mention|answer"
            rf"|details?|specifics)(?: {_ABOUT}\b|$)",
            rf"\b(?:there is|there are) no {_QUALIFIED}(?:data|figures?|reference|discussion"
            r"|statement|record|entry|explanation) (?:about|on|regarding|concerning|in|given|made"
            r"|provided|available|for|of|as to|supplied|included)\b",
            r"^(?:sorry,? )?no (?:[\w-]+ )?(?:information|info|mention|answer|details?|data)"
            r"(?:$| (?:about|on|regarding|concerning|given|provided|available|found|to|that"
            rf"|{_IS} (?:\w+ly )?(?:{_TOLD}|{_THERE}|made)"
            r"(?:$| (?:in|about|of|on|regarding|for|here)))\b)",
            r"\b(?:not enough|insufficient|too little|a lack of|lack of|absence of|missing"
            r"|inadequate) (?:[\w-]+ ){0,2}?(?:information|info|context|data|details?|evidence"
            r"|figures) (?:[\w-]+ ){0,3}?(?:to|in the|from the|provided|given|available)\b",
            r"^(?:there is )?(?:not enough|insufficient) (?:information|context|data|details?)$",
            # It is unknown.
            rf"\b(?:it|this|that) (?:is|was|remains) (?:\w+ )?(?:unknown|not known|unclear"
            rf"|not clear|uncertain|not certain|unspecified)(?:$| (?:from|based|in the|to me|{_ASK})\b)",
            r"\b(?:answers?|question) (?:\w+ ){0,4}?(?:is|are|remains) (?:\w+ )?(?:unknown|not known"
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
    rf"|(?:[\w'&-]+ ){{1,12}}?{_IS} not {_MID}(?:{_TOLD})"
    r"(?:$|,| (?:here|there|in|for|anywhere|explicitly|directly|or|and|nor|above)\b)"
    r"|(?:[\w'&-]+ ){1,12}?(?:is|are|was|were|remains?|goes|go) (?:\w+ )?(?:unknown|not known"
    r"|unspecified|unstated|undisclosed|unclear)(?:$| (?:from|based on|given|to me|in)\b)"
)
"""That something is not told; a refusal where it is the thing asked for, or a `FACTS`."""

FACTS = frozenset(
    "inform info detail data answer figur number reason caus explan date name valu amount specif"
    " exact one ani such".split()
)
"""Stems of what stands for whatever was asked for."""
TOLD = frozenset(
    "mention state specifi provid given give sai said indic describ discuss address includ list"
    " disclos explain cover report contain defin identifi detail shown show suppli present note"
    " reveal record document known know unknown determin calcul comput conclud deriv infer assess"
    " estim verifi confirm tell told unclear clear unspecifi found find avail unstat undisclos".split()
)
"""Stems of telling and finding out: what a question holds of these is its matter."""

NEED = re.compile(
    r"\b(?:i|we|one) (?:(?:would|will|shall) )?(?:first |also |still |then )?(?:need|require)\b"
    r"(?! to (?:know|be|understand|keep|remember))"
    r"|\b(?:would|will) be (?:needed|required|necessary)(?: to\b|$)|\b(?:would|will|must) need to be\b"
    r"|\byou (?:(?:would|will|may|might|should|can|could) )?(?:need|have|want) to (?:\w+ )?"
    + _any(
        "look refer check consult review access provide visit find obtain examine share supply",
        "give search locate see contact analy[sz]e calculate compute divide subtract multiply",
        "determine compare gather know identify",
    )
    + r"\b|\bif you (?:\w+ ){0,2}?(?:provide|share|supply|have|give|upload|send|paste|attach|tell)\b"
    r"|\bplease (?:\w+ )?"
    + _any(
        "provide share supply refer consult check see upload give send specify clarify paste review",
        "visit contact look ask",
    )
    + r"\b"
    r"|\b(?:should|would|could|can|may|must|recommend(?:ed)?|suggest|best|advis\w+|necessary"
    r"|important) (?:\w+ ){0,2}?(?:refer(?:ring)? to|consult(?:ing)?|review(?:ing)?|look(?:ing)?"
    r" (?:at|up|into|for)|check(?:ing)?|visit(?:ing)?)\b"
    r"|^(?:refer to|consult|check|see|review|look (?:at|up|in)) (?:the |your |its |their )?"
    rf"(?:[\w'-]+ ){{0,4}}?{_TEXT}\b"
)
"""What would be needed, or where to look: an answer of nothing else implies that it has none."""

VALUE = re.compile(
    r"[$\u20ac\u00a3\u00a5] ?\d|\d ?(?:%|percent\b|(?:m|b|tr)illion\b|thousand\b|bn\b|mn\b)"
    r"|(?<![\w.-])\d+\.\d|\b\d{1,3}(?:,\d{3})+\b"
    r"|(?<![\w.-])(?!(?:19|20)\d\d\b|100\b|36[05]\b|[1-4]\b)\d+(?![-\w])"
)
"""A figure, other than a year, a per cent's hundred, the days of a year and a small count."""

OPENS = re.compile(
    r"^(?:(?:"
    + _any(
        "as_of as_at according_to based_on in on at from within for to given by under through during",
        "after before as_an? regarding concerning with while although though since because like among",
    )
    + r"\b(?![^,]*\b(?:please|you (?:would|will|can|could|should|may|need))\b)[^,]*, (?=\S+ \S+ \S))|"
    + _any(
        "and but or so however therefore thus hence instead also additionally moreover then well",
        "furthermore otherwise alternatively finally in_addition unfortunately sorry i_am_sorry ok",
        "okay sure for_example for_instance in_general generally typically specifically rather",
        "in_particular in_this_case in_that_case as_a_result consequently nevertheless first second",
        "third conversely similarly nonetheless lastly next while although though please_note_that",
        "note_that it_is_important_to_note_that it_should_be_noted_that",
        "in_(?:summary|conclusion|short)",
    )
    + r"\b,? ?)+"
)
"""What at the head of a clause says nothing: connectives, and phrases that a comma ends."""

_SAYING = _any(
    "mention state say indicate suggest show impl(?:y|ie) report note reveal hint believe confirm",
    "expect explain tell",
)
INFERS = re.compile(
    r"\b(?:i|we|one) (?:can|could|may|might) (?:\w+ )?(?:infer|estimate|conclude|deduce|say"
    r"|see that|assume that|observe that|approximate)\b"
    r"|\b(?:i|we) (?:think|believe|guess|suppose|suspect|estimate|calculated|conclude)\b"
    rf"|^(?:(?:the|this|that|your|one) )?(?:(?:[\w-]+ ){{0,3}}?(?:{_TEXT}|{_FINDINGS})|it|this)"
    rf" (?:(?:also|does|do|did|only|just) )?{_SAYING}(?:s|ed|d)? (?:\w+ )?that\b"
    r"|^it (?:is|was) (?:\w+ )?(?:mentioned|stated|noted|said|reported|known|believed|likely"
    r"|possible|clear|estimated|thought) that\b"
    r"|\b(?:the|my|best|short|likely|correct|final) answer (?:is|would be|seems|appears|might be)\b"
    r"|\b(?:can|could|may) be (?:inferred|estimated|assumed|concluded|deduced)\b"
    r"|^(?:yes|yeah|yep)\b|^(?:maybe|perhaps|probably|possibly|presumably|likely|most likely"
    r"|my (?:best )?guess)\b"
)
"""An answer is given after all."""

SUPPOSES = re.compile(
    r"(?:for (?:example|instance),? )(?:if|when)\b|(?:for (?:example|instance),? )?(?:suppose"
    r"|supposing|assume|assuming|imagine|say|let us|hypothetically)\b|if\b.*\bwould\b"
)
"""Figures of an example, not of the matter."""

GENERAL = re.compile(
    r"\b"
    + _any(
        r"may might could can would should typically generally usually often commonly normally",
        r"tends?_to various depend(?:s|ing)? (?:is|are)_subject_to for_example",
    )
    + r"\b|^"
    + _any("an? this these those such other some any many most all high low higher lower changes")
    + r"\b"
)
"""What holds in general, or is possible: no answer to a question about something particular."""

DEFINES = re.compile(
    r"\b(?:is|are|as) (?:\w+ )?(?:a|an|the|another|one) (?:[\w-]+ ){0,4}?(?:measures?|metrics?"
    r"|ratios?|indicators?|formulas?|multiples?)\b"
    r"|\b(?:is|are|be) (?:\w+ )?(?:calculated|computed|defined|derived|expressed|determined"
    r"|obtained) (?:by|as|from|using|with|in|over)\b"
    r"|\b(?:measures|formula|calculation|stands for)\b|\b(?:refers|is used) to\b|[^<>=]=(?:[^=]|$)|\bx 100\b"
    r"| / |\bdivided by\b|\b(?:multipl(?:y|ied|ying)|subtract(?:ing)?|divid(?:e|ing))\b"
    r"|\b(?:typically|usually|generally|often|normally|commonly) (?:\w+ )?"
    + _any(
        "used found available includes? included reported disclosed discuss(?:es|ed) listed",
        "contains? provides? published located considered stated presented has have refer relevant",
        "focus(?:es)? useful",
    )
    + r"\b"
)
"""What a measure is, how it is had, where such things commonly stand."""

_DOES = _any(
    "look refer check consult review find access visit obtain get see contact search provide",
    "calculate compute divide subtract add use need want convert round multiply compare consider",
    "analy[sz]e examine evaluate assess determine ask try request share upload plug sum gather",
    "locate verify specify clarify take_the apply follow identify extract rely open navigate scroll",
    "download go_to enter keep remember have_to start make_sure note let feel reach_out rephrase",
    "read turn perform break help assist be_happy be_glad be_able gladly recommend suggest do_so",
    "like know",
)
ABOUT_SOURCE = re.compile(
    r"(?:in |from |within )?(?:(?:it|this|that|these|they|such|there|here|the|your|any|all|other)"
    rf" )?(?:{_QUALIFIED}{_TEXT}(?: (?:you|i|that|which|provided|given|above|shared|in|from|for|of)"
    r"(?: [\w-]+){0,6}?)?|data|sources?|it|this|they|these)? ?(?:(?:[\w-]+ ){0,7}?(?:only|just"
    r"|merely|simply|also|instead|rather|primarily|mainly|mostly) )?(?:\w+ ){0,2}?"
    + _any(
        "discuss(?:es|ed)? describes? talks? focus(?:es|ed)? mentions? refers? deals? covers?",
        "appears?_to seems?_to contains? includes? provides? outlines? lists? pertains? relates?",
        r"speaks? concerns? (?:is|are)_(?:\w+_)?(?:about|from|for|related_to|available|published)",
        r"(?:is|are)_(?:\w+_)?(?:filed|found|provided|given)",
        "would_(?:be|provide|include|contain|list|give|show|help|detail|offer)",
        "can_(?:be_(?:found|used|accessed|obtained)|help) will_(?:provide|contain|help|be)",
        "(?:should|may)_(?:be|provide|include|contain)",
    )
    + rf"\b|(?:it|this|that|the {_QUALIFIED}{_TEXT}) is an? (?:\w+ ){{0,2}}?{_TEXT}\b"
)
"""A clause on what the source holds, without saying what stands there."""

NO_SUBSTANCE = re.compile(
    r"(?:i|we|one|you|users?|investors?|analysts?|readers?) (?:\w+ )?(?:can|could|would|will"
    r"|should|may|might|must|need to|have to|want to)(?: \w+ly)?(?: need to| have to| also| then"
    rf"| want to| be able to)? {_DOES}\b|(?:please |kindly |simply |to )?{_DOES}\b"
    r"|(?:if|once|when|unless|should|assuming|without|until|after|with|by) "
    + _any(
        "you i we one this that these those the more any there additional further such access",
        "having needed necessary not",
    )
    + r"\b|(?:i am |i )?(?:sorry|apologi[sz]e)\b|"
    + _any(
        "my_apologies thank let_us let_me where the_question the_user the_answer_to further",
        "more_information additional keep_in_mind remember_to as_an?_(?:ai|large|language)",
        r"here_(?:is_|are_)?(?:how|some|what|(?:the|a)_(?:\w+_)?(?:steps?|step-by-step|process))",
        r"here_(?:is_|are_)?(?:the|a)_(?:\w+_)?(?:formula|way)",
        "there_(?:you|one|i)_(?:will|can|would|should|may)",
        "for_(?:more|the_most|accurate|an?|further|any|detailed|precise|up)",
        "i_am_(?:an?|just|only|here|happy|glad|designed|programmed)",
        "i_(?:will|would|can|could)_(?:be|do|try|help|assist|need)",
        "i_(?:recommend|suggest|advise|encourage|hope|only|rely|was)",
        r"it_(?:would|is|will|may|might)_(?:\w+_)?(?:be_)?(?:necessary|important|best|advisable)",
        r"it_(?:would|is|will|may|might)_(?:\w+_)?(?:be_)?(?:helpful|recommended|essential|needed)",
        "(?:my|this)_(?:last_|current_|training_)?(?:knowledge|information|training|data|responses?)",
        "my_(?:last_|latest_)?update",
        r"the_(?:necessary|required|relevant|following|exact|specific|actual)_(?:[\w-]+_){0,3}?"
        r"(?:would|are|is|will|can|needed|from|such)",
        r"(?:such|these|those)_(?:\w+_)?(?:reports?|documents?|filings?|sources?|statements?|data)",
        r"(?:such|these|those)_(?:\w+_)?(?:details?|figures?|information|sections?|resources?)",
    )
    + r"\b"
)
"""Offers, instructions, conditions, apologies, and what a speaker says of itself."""
