"""The words by which English says that it cannot answer, as regular expressions by kind.

All are for clauses as `refusal_clauses` cuts them: casefolded, "not" written out, no markup.
Repetitions are bounded, so that a search takes time linear in the text.
"""

from __future__ import annotations

import re

_ADVERB = (
    r"(?:\w+ly|even|yet|quite|also|still|just|currently|in fact|at all|here|always|now|ever"
    r"|able to|have to|be able to|seem to|appear to|want to|be)"
)
_MID = rf"(?:{_ADVERB} ){{0,3}}"
"""What may stand between "not" and its verb."""
_BEHIND = (
    r"(?:provided|given|available|above|here|itself|alone|also|in|from|of|for|about|on|you|that"
    r"|which|i|presented|supplied|excerpts?|retrieved|shared|contained|regarding|within|to|as|only"
    r"|data|section|below|at hand|,)"
)
"""What begins the words between a source and its verb: "the text encoder" is no source."""
_QUALIFIED = r"(?:\w+ly )?(?:(?!no\b|not\b)[\w'-]+ ){0,3}?"

_TEXT = (
    r"(?:contexts?|passages?|texts?|documents?|documentation|docs|excerpts?|snippets?|paragraphs?"
    r"|information|info|sources?|materials?|filings?|reports?|statements?|tables?|pages?|websites?"
    r"|records?|articles?|sections?|notes?|transcripts?|results|files?|pdfs?|manuals?|guides?"
    r"|chapters?|extracts?|knowledge base|database|10-[kq]|8-k|form|prompt|query|question|sheet"
    r"|financials|content|graphs?|charts?|exhibits?|abstracts?|input|conversation|quotes?|lines?|description)"
)
"""What an answer may read from."""
_FINDINGS = (
    r"(?:data|evidence|papers?|stud(?:y|ies)|authors?|trials?|company|researchers?|literature"
    r"|figures?|details?|review|book|writer|speaker|management)"
)
"""What finds things out, too: "the study does not report a difference" is a statement."""
_TELL = (
    r"(?:say|state|mention|specify|tell|disclose|reveal|answer|address|clarify|explain|define"
    r"|identify|elaborate|provide|contain|include|give|discuss|list|name|offer|cover|refer to"
    r"|refer|break out|break down|make (?:it |any |that )?(?:clear|mention)|detail|itemi[sz]e"
    r"|go into|touch|speak|supply)"
)
_HOLD = (
    r"(?:indicate|describe|report|show|present|suffice|support|allow|permit|help|enable|talk"
    r"|quantify|note|outline|confirm|hold|appear to (?:\w+ )?(?:contain|mention|include|provide)"
    r"|have (?:any|enough|the|that|this|an|sufficient|information|details?|data|access)"
    r"|(?:seem|appear) to (?:\w+ )?(?:say|mention|contain|include|provide|have|be)|sufficient"
    r"|enough|relate|pertain|correspond)"
)
_TOLD = (
    r"(?:mentioned|stated|specified|provided|given|said|indicated|described|discussed|addressed"
    r"|available|included|listed|found|named|disclosed|known|clear|explained|answered|covered"
    r"|present|reported|contained|defined|identified|detailed|shown|supplied|evident|obvious"
    r"|referenced|presented|visible|part|accessible|broken out|noted|apparent|revealed|supported)"
)
_ASKED_OF = (
    r"(?:answer|say|tell|determine|know|calculate|compute|assess|provide|give|conclude|identify"
    r"|derive|infer|establish|evaluate|estimate|ascertain|confirm|verify|find|comment|make|draw"
    r"|judge|state|respond|complete|perform|deduce|quantify|compare|predict|decide|be certain"
    r"|be sure|offer|measure|see|reach|pinpoint|specify|work out|figure out|carry out|analy[sz]e)"
)
"""What somebody who answers would do."""
_SPEAKER_DOES = (
    rf"(?:{_ASKED_OF}|locate|recall|access|retrieve|assist|help|comply|disclose|browse|search|read"
    r"|share|speak|fulfil?l|open|view|look up|supply|reply|understand|speculate|guess|remember"
    r"|generate|extract|think of|come up|(?:have|possess|hold|see) (?:[\w-]+ ){0,4}?(?:information|info"
    r"|answers?|data|knowledge|details?|context|idea|access|figures?|clue|numbers?|evidence"
    r"|documents?|records?|ability|material|sources?|means|way|mention|reference|basis|specifics"
    r"|statements?|filings?|reports?|results?|updates?))"
)
_FACTS = (
    r"(?:information|info|mention|details?|data|answers?|indication|figures?|reference|evidence"
    r"|specifics|context|discussion|disclosure|record|passage|statement|breakdown|basis|numbers"
    r"|material|way)"
)
_ABOUT = (
    r"(?:about|on|regarding|concerning|in|given|provided|available|is|was|are|were|that|to|for|as"
    r"|of|related|relating|needed|required|necessary|here|there|from|within|with|which|by|how|who"
    r"|what|when|where|why|whether|specific|indicating|showing|detailing|specifying)"
)
_ASK = r"(?:whether|if|how|what|who|when|where|why|which|exactly)"

CANNOT = re.compile(
    "|".join(
        (
            # The speaker cannot.
            rf"\b(?:i|we|one|this (?:model|assistant|system)) (?:\w+ly |also |therefore )?"
            rf"(?:do|can|could|did|would|will|may|am|are|was|were|have) not {_MID}{_SPEAKER_DOES}\b",
            r"\b(?:i|we|one) (?:am|are|was|were|is) (?:\w+ ){0,2}?(?:unable|not able|unsure|not sure"
            r"|not certain|uncertain|unaware|not aware|not in a position|not familiar"
            r"|not equipped|not capable)\b",
            rf"\b(?:i|we) (?:have|had|see|find|found|possess|know) (?:\w+ )?(?:no|nothing"
            rf"|insufficient|not enough|too little|no such) ?{_QUALIFIED}(?:{_FACTS}|idea|knowledge"
            r"|clue|access|of|about|on|$)\b",
            r"\b(?:i|we) (?:\w+ )?(?:lack|have not (?:been|got|seen|found))\b",
            r"^(?:sorry )?(?:do|can|could|did) not (?:know|say|tell|answer|determine|find|be)\b",
            r"^(?:no|not) (?:idea|clue|sure|certain)\b",
            rf"^(?:unable|not able) to {_SPEAKER_DOES}\b",
            r"\b(?:beyond|outside|past|after) (?:of )?(?:my|the scope of (?:my|the)) (?:knowledge"
            r"|training|expertise|abilit\w+|capabilit\w+|context|provided|given|document\w*)",
            # It cannot be done.
            rf"\bcan not {_MID}(?:determined|answered|known|inferred|established|concluded|deduced"
            r"|calculated|computed|derived|found|identified|ascertained|assessed|evaluated|given"
            r"|provided|estimated|verified|confirmed|discerned|specified|said|stated|told|made"
            r"|judged|gleaned|extracted|worked out|quantified)(?:$| (?:based on|without|due to"
            rf"|given|solely|{_ASK})\b| (?:\w+ )?(?:from|with|using|in|by) (?:only )?(?:the|this|these"
            rf"|that|any|what) (?:\w+ ){{0,2}}?(?:{_TEXT}|data|evidence|figures?|is|you)\b)",
            rf"\b(?:impossible|not (?:\w+ )?(?:possible|feasible)|not enough|insufficient|not"
            rf" sufficient|(?:difficult|hard) \w*?) (?:for (?:me|us) )?to {_MID}{_ASKED_OF}\b",
            rf"\b(?:no way|not enough|insufficient|not sufficient) (?:\w+ ){{0,5}}?(?:to|for me to)"
            rf" {_MID}{_ASKED_OF}\b",
        )
    )
)
"""That the speaker, or anybody, cannot give an answer."""

SILENT = re.compile(
    "|".join(
        (
            # The source does not say.
            rf"\b{_TEXT} (?:{_BEHIND} (?:[^\s]+ ){{0,8}}?)?(?:(?:do|does|did|can|could) not {_MID}"
            rf"(?:{_TELL}|{_HOLD})|(?:is|are|was|were) not {_MID}(?:sufficient|enough|about|related"
            r"|relevant|clear|specific|explicit|adequate|complete))\b",
            rf"\b(?:information|info|details?|data|figures?|answers?|specifics|numbers?|values?)"
            rf" (?:[^\s]+ ){{0,12}}?(?:is|are|was|were|has been|have been) not {_MID}{_TOLD}\b",
            rf"\b{_TEXT} (?:\w+ )?(?:do|does|did) not$",
            rf"\b{_FINDINGS} (?:[\w-]+ ){{0,3}}?(?:do|does|did|has|have) not {_MID}{_TELL}\b",
            rf"^(?:it|this|that|they) (?:also )?(?:do|does|did) not {_MID}(?:say|mention|specify"
            rf"|tell|state|disclose|(?:provide|contain|include|give) {_QUALIFIED}{_FACTS})\b",
            rf"^(?:but|however|though|although|and),? (?:it|this|that|they) (?:also )?(?:do|does|did)"
            rf" not {_MID}(?:{_TELL}|reference)\b",
            rf"\byou (?:have|did|do) not {_MID}(?:given|give|provided|provide|include[ds]?|specif\w+"
            r"|shared?|suppl\w+|attached?|mention(?:ed)?|upload(?:ed)?|stated?)\b",
            rf"\b(?:{_TEXT}|{_FINDINGS}) (?:[^\s]+ ){{0,5}}?(?:provides?|contains?|gives?|has|have"
            r"|offers?|makes?|includes?|mentions?|says?|shows?|reveals?|holds?|discloses?) (?:no"
            r"|nothing|neither|insufficient|not enough)\b",
            rf"\b(?:{_TEXT}|{_FINDINGS}) (?:[\w-]+ )?(?:lacks?|omits?|fails? to|is silent"
            r"|are silent|is insufficient|are insufficient|is missing|are missing|remains silent)\b",
            rf"\bnot {_MID}{_TOLD} (?:[\w-]+ ){{0,3}}?(?:in|by|from|within|anywhere in|as part of"
            rf"|on|among) (?:any |the |this |these |that |those |your |my )?(?:of the )?"
            rf"(?:[\w-]+ ){{0,2}}?(?:{_TEXT}|{_FINDINGS})\b",
            rf"\bnot {_MID}(?:mentioned|stated|specified|provided|indicated|disclosed|answered"
            r"|said|given here|available here|available to me|included here)"
            r"(?: (?:here|there|explicitly|directly|anywhere|for \w+|to me|above))?$",
            rf"\b(?:is|are) not (?:\w+ly )(?:available|mentioned|stated|provided|given|disclosed"
            r"|specified|reported|clear|known)\b",
            rf"\bnot (?:in|within|part of) (?:the|this|any|my|your) (?:\w+ )?{_TEXT}$",
            # There is nothing to answer from.
            rf"\bno {_QUALIFIED}{_FACTS} (?:[\w'-]+ ){{0,8}}?(?:in|by|from|within) (?:the |this "
            rf"|these |any |your )?(?:of the )?(?:\w+ )?(?:{_TEXT}|data|evidence)\b",
            rf"\b(?:there is|there are|there was|there were|has|have|with|contains?|provides?"
            rf"|gives?|includes?|offers?|is) no {_QUALIFIED}(?:information|info|mention|answer"
            rf"|details?|specifics)(?: {_ABOUT}\b|$)",
            rf"\b(?:there is|there are) no {_QUALIFIED}(?:data|figures?|reference|discussion"
            rf"|statement|record) (?:{_ABOUT}|made|supplied|included)\b",
            r"^(?:sorry,? )?no (?:[\w-]+ )?(?:information|info|mention|answer|details?|data)"
            r"(?:$| (?:about|on|regarding|concerning|given|provided|available|found|to|that"
            r"|(?:is|was|are|were) (?:\w+ly )?(?:given|made|provided|available|found|included"
            r"|disclosed)(?:$| (?:in|about|of|on|regarding|for|here)))\b)",
            rf"\b(?:not enough|insufficient|too little|a lack of|lack of|absence of|missing"
            rf"|inadequate) (?:[\w-]+ ){{0,2}}?(?:information|info|context|data|details?|evidence"
            r"|figures) (?:[\w-]+ ){0,3}?(?:to|in the|from the|provided|given|available|about|on"
            r"|regarding|for)\b",
            r"^(?:there is )?(?:not enough|insufficient) (?:information|context|data|details?)$",
            # It is unknown.
            rf"\b(?:it|this|that) (?:is|was|remains) (?:\w+ )?(?:unknown|not known|unclear"
            rf"|not clear|uncertain|not certain)(?:$| (?:from|based|in the|to me|{_ASK})\b)",
            r"\b(?:answer|answers|question) (?:\w+ ){0,4}?(?:is|are|remains) (?:\w+ )?(?:unknown"
            r"|not known|unclear|not clear|unanswerable|not answerable|not available|beyond)\b",
            r"\b(?:is|are|was|were|remains) (?:unknown|not known|unspecified|unstated|unanswerable"
            r"|undisclosed)(?:$| (?:from|based on|given|to me)\b)",
            r"^(?:unknown|unclear|unsure|unanswerable|uncertain|unspecified|not sure|not known|not"
            r" clear|no idea|no clue|n/a|not available|not applicable|not given|not found|not"
            r" enough information|dunno|idk|no comment|not stated|not disclosed|undisclosed|pass"
            r"|information not (?:available|found|provided)|answer not (?:found|available)"
            r"|none given)$",
        )
    )
)
"""That the source does not say, or that it is not known."""

ACCESS = re.compile(
    r"\b(?:as an? (?:ai|large|language|text|chat|virtual)\b|(?:my|last) (?:\w+ ){0,2}?(?:update"
    r"|cut-?off|training)|training (?:data|cut)|knowledge (?:cut|is|base|only))"
)
"""A speaker about itself."""

NEED = re.compile(
    r"\b(?:i|we|one) (?:(?:would|will|shall) )?(?:first |also |still |then )?(?:need|require)\b"
    r"(?! to (?:know|be|understand|keep|remember))"
    r"|\b(?:would|will) be (?:needed|required|necessary) to\b|\b(?:would|will|must) need to be\b"
    r"|\byou (?:would|will|may|might|should|can|could)? ?(?:need|have|want) to (?:\w+ )?(?:look"
    r"|refer|check|consult|review|access|provide|visit|find|obtain|examine|share|supply|give|search"
    r"|locate|see|contact|analy[sz]e|calculate)\b"
    r"|\bif you (?:\w+ ){0,2}?(?:provide|share|supply|have|give|upload|send|paste|attach|tell)\b"
    r"|\bplease (?:\w+ ){0,1}?(?:provide|share|supply|refer|consult|check|see|upload|give|send"
    r"|specify|clarify|paste|review|visit|contact|look)\b"
    r"|\b(?:should|would|could|can|may|must|recommend(?:ed)?|suggest|best|advis\w+|necessary"
    r"|important)"
    r" (?:\w+ ){0,2}?(?:refer(?:ring)? to|consult(?:ing)?|review(?:ing)?|look(?:ing)? (?:at|up"
    r"|into|for)|check(?:ing)?|visit(?:ing)?)\b"
    rf"|^(?:refer to|consult|check|see|review|look (?:at|up|in)) (?:the |your |its |their )?"
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
    r"^(?:(?:(?:as of|as at|according to|based on|in|on|at|from|within|for|to|given|by|under|through"
    r"|during|after|before|as an?|regarding|concerning|with|while|although|though|since|because|like"
    r"|among|however as of)\b(?![^,]*\b(?:please|you (?:would|will|can|could|should|may|need))\b)"
    r"[^,]*, (?=\S+ \S+ \S))|(?:and|but|or|so|however|therefore|thus|hence|instead|also|additionally|moreover|then|well"
    r"|furthermore|otherwise|alternatively|finally|in addition|unfortunately|sorry|i am sorry|ok"
    r"|okay|sure|for example|for instance|in general|generally|typically|specifically|in particular"
    r"|in this case|in that case|as a result|consequently|nevertheless|rather|first|second|third|conversely|similarly|nonetheless|lastly"
    r"|next|while|although|though|note that|please note that|it is important to note that"
    r"|it should be noted that|in (?:summary|conclusion|short))\b,? ?)+"
)
"""Words at the head of a clause that say nothing."""

_SAYING = (
    r"(?:mention|state|say|indicate|suggest|show|impl(?:y|ie)|report|note|reveal|hint|believe"
    r"|confirm|expect|explain|tell)"
)
INFERS = re.compile(
    r"\b(?:i|we|one) (?:can|could|may|might) (?:\w+ )?(?:infer|estimate|conclude|deduce"
    r"|say|see that|assume that|observe that|approximate)\b"
    r"|\b(?:i|we) (?:think|believe|guess|suppose|suspect|estimate|found|calculated|conclude)\b"
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
    r"\b(?:may|might|could|can|would|should|typically|generally|usually|often|commonly|normally"
    r"|tends? to|various|depend(?:s|ing)?|(?:is|are) subject to|for example)\b"
    r"|^(?:an?|this|these|those|such|other|some|any|many|most|all|high|low|higher|lower|changes)\b"
)
"""What holds in general, or is possible: no answer to a question about something particular."""

DEFINES = re.compile(
    r"\b(?:is|are|as) (?:\w+ )?(?:a|an|the|another|one) (?:[\w-]+ ){0,4}?(?:measures?|metrics?"
    r"|ratios?|indicators?|formulas?|multiples?)\b"
    r"|\b(?:is|are|be) (?:\w+ )?(?:calculated|computed|defined|derived|expressed|determined"
    r"|obtained) (?:by|as|from|using|with|in|over)\b"
    r"|\b(?:measures|formula|calculation)\b|\b(?:refers|is used) to\b"
    r"|[^<>=]=(?:[^=]|$)|\bx 100\b| / |\bdivided by\b|\b(?:multiply|multiplied|multiplying|subtracting|dividing"
    r"|subtract|divide)\b"
    r"|\b(?:typically|usually|generally|often|normally|commonly) (?:\w+ )?(?:used|found|available"
    r"|includes?|included|reported|disclosed|discussed|listed|contains?|discusses|provides?"
    r"|published|located|considered|stated|presented|has|have|focus(?:es)?|relevant|useful|refer)\b"
)
"""What a measure is, how it is had, where such things commonly stand."""

_DOES = (
    r"(?:look|refer|check|consult|review|find|access|visit|obtain|get|see|contact|search|provide"
    r"|calculate|compute|divide|subtract|add|use|need|want|convert|round|multiply|compare|consider"
    r"|analy[sz]e|examine|evaluate|assess|determine|ask|try|request|share|upload|plug|sum|gather"
    r"|locate|verify|specify|clarify|take the|apply|follow|identify|extract|rely|open|navigate|download|go to|scroll|access|enter|keep|remember|have to|start"
    r"|make sure|note|let|feel|reach out|rephrase|read|turn|perform|break|help|assist|be happy"
    r"|be glad|be able|clarify|recommend|suggest|do so|like|know)"
)
ABOUT_SOURCE = re.compile(
    rf"(?:in |from |within )?(?:(?:it|this|that|these|they|such|there|here|the|your|any|all|other)"
    rf" )?(?:{_QUALIFIED}{_TEXT}(?: (?:you|i|that|which|provided|given|above|shared|in|from|for|of)"
    rf"(?: [\w-]+){{0,6}}?)?|data|sources?|it|this|they|these)? ?(?:(?:[\w-]+ ){{0,7}}?"
    r"(?:only|just|merely|simply|also|instead|rather|primarily|mainly|mostly) )?(?:\w+ ){0,2}?"
    r"(?:discuss(?:es|ed)?|describes?|talks?|focus(?:es|ed)?|mentions?|refers?|deals?|covers?"
    r"|appears? to|seems? to|contains?|includes?|provides?|outlines?|lists?|pertains?|relates?"
    r"|speaks?|concerns?|is about|are about|is from|are from|are for|is for|is (?:a|an) (?:\w+ )"
    rf"{{0,2}}?{_TEXT}|would (?:be|provide|include|contain|list|give|show|help|detail|offer)"
    r"|can (?:be (?:found|used|accessed|obtained)|help)|will (?:provide|contain|help|be)"
    r"|should (?:be|provide|include|contain)|may (?:be|provide|include|contain)|(?:is|are) (?:\w+ )"
    r"?(?:related to|about|available|published|filed|found|provided|given))\b"
)
"""A clause on what the source holds, without saying what stands there."""

NO_SUBSTANCE = re.compile(
    rf"(?:i|we|one|you|users?|investors?|analysts?|readers?) (?:\w+ )?(?:can|could|would|will|should"
    rf"|may|might|must|need to|have to|want to)(?: \w+ly)?(?: need to| have to| also| then| want to"
    rf"| be able to)? {_DOES}\b"
    rf"|(?:please |kindly |simply |to )?{_DOES}\b"
    r"|(?:if|once|when|unless|should|assuming|without|until|after|with|by) (?:you|i|we|one|this|that"
    r"|these|those|the|more|any|there|additional|further|such|access|having|needed|necessary|not)\b"
    r"|(?:i am |i )?(?:sorry|apologi[sz]e)\b|(?:my apologies|thank|let us|let me|where|the question"
    r"|the (?:user|answer to)|more information|further|additional|here (?:is |are )?(?:how|(?:the|a) (?:\w+ )?(?:steps?|step-by-step|process|formula|way))|keep in mind|remember to|there (?:you|one|i) (?:will|can|would|should|may)|for (?:more|the most|accurate|an?"
    r"|further|any|detailed|precise|up)|as an? (?:ai|large|language)"
    r"|i am (?:an? |just |only |here|happy|glad|designed|programmed)|i (?:will|would|can|could) (?:be"
    r"|do|try|help|assist|need)|i (?:recommend|suggest|advise|encourage|hope|only|rely|was)|it"
    r" (?:would|is|will|may|might) (?:\w+ )?(?:be )?(?:necessary|important|best|advisable|helpful"
    r"|recommended|essential|possible that|crucial|needed)|(?:my|this) (?:last |current |training )?"
    r"(?:knowledge|information|training|data|responses?|update)|here (?:is|are) (?:how|the steps"
    r"|some|a|what|the general)|the (?:necessary|required|relevant|following|exact|specific|actual)"
    r" (?:[\w-]+ ){0,3}?(?:would|are|is|will|can|needed|from|such)|(?:such|these|those) (?:\w+ )?"
    r"(?:reports?|documents?|filings?|sources?|statements?|details?|data|figures?|information"
    r"|sections?|resources?))\b"
)
"""Offers, instructions, conditions, apologies, and what a speaker says of itself."""
