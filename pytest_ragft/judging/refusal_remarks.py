"""What stands beside a refusal without being an answer, and what is one, as regular expressions.

They read as those of `refusal_words` do.
"""

from __future__ import annotations

import re

from pytest_ragft.judging.refusal_words import FINDINGS, QUALIFIED, TEXT, any_of

NEED = re.compile(
    r"\b(?:i|we|one) (?:(?:would|will|shall) )?(?:first |also |still |then )?(?:need|require)\b"
    r"(?! to (?:know|be|understand|keep|remember))"
    r"|\b(?:i|we|one) (?:would|will) have to (?:see|check|consult|look|read|know|have|find)\b"
    r"|\byou (?:can|could|may|might|will|should) (?:\w+ ){0,2}?(?:find|look|check|ask|consult"
    r"|contact"
    r"|search|obtain)\b"
    r"|\bwould be (?:the |a |an )?(?:best|better|good|right|more \w+) (?:source|place|person"
    r"|resource"
    r"|reference|option|way)\b"
    r"|\b(?:would|will) be (?:needed|required|necessary)(?: to\b|$|[.,;!])|\b(?:would|will"
    r"|must) need to be\b"
    r"|\byou (?:(?:would|will|may|might|should|can|could) )?(?:need|have|want) to (?:\w+ )?"
    + any_of(
        "look refer check consult review access provide visit find obtain examine share supply",
        "give search locate see contact analy[sz]e calculate compute divide subtract multiply",
        "determine compare gather know identify",
    )
    + r"\b|\bif you (?:\w+ ){0,2}?(?:provide|share|supply|have|give|upload|send|paste|attach"
    r"|tell)\b"
    r"|\bplease (?:\w+ )?"
    + any_of(
        "provide share supply refer consult check see upload give send specify clarify paste",
        "review visit contact look ask",
    )
    + r"\b"
    r"|\b(?:should|would|could|can|may|must|recommend(?:ed)?|suggest|best|advis\w+|necessary"
    r"|important) (?:\w+ ){0,2}?(?:refer(?:ring)? to|consult(?:ing)?|review(?:ing)?|look(?:ing)?"
    r" (?:at|up|into|for)|check(?:ing)?|visit(?:ing)?)\b"
    r"|^(?:refer to|consult|check|see|review|look (?:at|up|in)) (?:the |your |its |their )?"
    rf"(?:[\w'-]+ ){{0,4}}?{TEXT}\b"
)
"""What would be needed, or where to look: an answer of nothing else implies that it has none."""

ELSEWHERE = re.compile(
    r"(?:for (?:that|this|details|more)[^,]{0,40}, )?(?:please |kindly |you (?:would |will |may "
    r"|might"
    r" |should |could )?(?:\w+ )?(?:(?:have|need|want) to )?)(?:check with|consult|contact|ask"
    r"|refer to"
    r"|get in touch with|reach out to|visit|look (?:at|up|in)|see) "
)
"""That somebody or something else is to be asked."""

_UNITS = any_of(
    "years? months? weeks? days? hours? minutes? seconds? decades? centur(?:y|ies) km kilomet\\w+",
    "met(?:er|re)s? miles? feet inches kg grams? mg ml lit(?:er|re)s? tonnes? degrees?",
)
VALUE = re.compile(
    r"[$\u20ac\u00a3\u00a5] ?\d|\d ?(?:%|percent\b|(?:m|b|tr)illion\b|thousand\b|bn\b|mn\b)"
    r"|(?<![\w.-])\d+\.\d|\b\d{1,3}(?:,\d{3})+\b"
    r"|(?<![\w.-])(?!(?:19|20)\d\d\b|100\b|36[05]\b|[1-4]\b)\d+(?![-\w])"
    r"|(?<!last )(?<!past )(?<!next )(?<!previous )(?<!prior )(?<!recent )(?<!every )"
    rf"\b(?!36[05]\b)(?:\d{{1,3}}|two|three|four|five|six|seven|eight|nine|ten|twelve) {_UNITS}\b"
)
"""A figure with a unit; or alone, but for years, a hundred, the days of a year, small counts."""

OPENS = re.compile(
    r"^(?:(?:"
    + any_of(
        "as_of as_at according_to based_on in on at from within for to given by under through",
        "during after before as_an? regarding concerning with while although though since because",
        "like",
        "among",
    )
    + r"\b(?![^,]*\b(?:please|you (?:would|will|can|could|should|may"
    r"|need))\b)[^,]*, (?=\S+ \S+ \S))|"
    + any_of(
        "and but or so however therefore thus hence instead also additionally moreover then well",
        "furthermore otherwise alternatively finally in_addition unfortunately sorry i_am_sorry ok",
        "okay sure for_example for_instance in_general generally typically specifically rather",
        "in_particular in_this_case in_that_case as_a_result consequently nevertheless first",
        "second third conversely similarly nonetheless lastly next while although though",
        "please_note_that",
        "note_that it_is_important_to_note_that it_should_be_noted_that",
        "in_(?:summary|conclusion|short)",
    )
    + r"\b,? ?)+"
)
"""What at the head of a clause says nothing: connectives, and phrases that a comma ends."""

_SAYING = any_of(
    "mention state say indicate suggest show impl(?:y|ie) report note reveal hint believe confirm",
    "expect explain tell",
)
INFERS = re.compile(
    r"\b(?:i|we|one) (?:can|could|may|might) (?:\w+ )?(?:infer|estimate|conclude|deduce|say"
    r"|see that|assume that|observe that|approximate)\b"
    r"|\b(?:i|we) (?:think|believe|guess|suppose|suspect|estimate|calculated|conclude)\b"
    rf"|^(?:(?:the|this|that|your|one) )?(?:(?:[\w-]+ ){{0,3}}?(?:{TEXT}|{FINDINGS})|it|this)"
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
    + any_of(
        r"may might could can would should typically generally usually often commonly normally",
        r"tends?_to various depend(?:s|ing)? (?:is|are)_subject_to for_example",
    )
    + r"\b|^"
    + any_of("an? this these those such other some any many most all high low higher lower changes")
    + r"\b"
)
"""What holds in general, or is possible: no answer to a question about something particular."""

DEFINES = re.compile(
    r"\b(?:is|are|as) (?:\w+ )?(?:a|an|the|another|one) (?:[\w-]+ ){0,4}?(?:measures?|metrics?"
    r"|ratios?|indicators?|formulas?|multiples?)\b"
    r"|\b(?:is|are|be) (?:\w+ )?(?:calculated|computed|defined|derived|expressed|determined"
    r"|obtained) (?:by|as|from|using|with|in|over)\b"
    r"|\b(?:measures|formula|calculation|stands for)\b|\b(?:refers|is used) to\b|[^<>=]=(?:[^=]"
    r"|$)|\bx 100\b"
    r"| / |\bdivided by\b|\b(?:multipl(?:y|ied|ying)|subtract(?:ing)?|divid(?:e|ing))\b"
    r"|^(?:typically|usually|generally|normally|often),? (?:companies|firms|such|these|this"
    r"|reports?"
    r"|manufacturers?|vendors?|authors?|one|you|organi[sz]ations?)\b"
    r"|\b(?:typically|usually|generally|often|normally|commonly) (?:\w+ )?"
    + any_of(
        "used found available includes? included reported disclosed discuss(?:es|ed) listed",
        "contains? provides? published located considered stated presented has have refer relevant",
        "focus(?:es)? useful",
    )
    + r"\b"
)
"""What a measure is, how it is had, where such things commonly stand."""

_DOES = any_of(
    "look refer check consult review find access visit obtain get see contact search provide",
    "calculate compute divide subtract add use need want convert round multiply compare consider",
    "analy[sz]e examine evaluate assess determine ask try request share upload plug sum gather",
    "locate verify specify clarify take_the apply follow identify extract rely open navigate",
    "scroll download go_to enter keep remember have_to start make_sure note let feel reach_out",
    "rephrase",
    "read turn perform break help assist be_happy be_glad be_able gladly recommend suggest do_so",
    "like know",
)
ABOUT_SOURCE = re.compile(
    r"(?:in |from |within )?(?:(?:it|this|that|these|they|such|there|here|the|your|any|all|other)"
    rf" )?(?:{QUALIFIED}{TEXT}(?: (?:you|i|that|which|provided|given|above|shared|in|from|for|of)"
    r"(?: [\w-]+){0,6}?)?|data|sources?|it|this|they|these)? ?(?:(?:[\w-]+ ){0,7}?(?:only|just"
    r"|merely|simply|also|instead|rather|primarily|mainly|mostly) )?(?:\w+ ){0,2}?"
    + any_of(
        "discuss(?:es|ed)? describes? talks? focus(?:es|ed)? mentions? refers? deals? covers?",
        "appears?_to seems?_to contains? includes? provides? outlines? lists? pertains? relates?",
        r"speaks? concerns? (?:is|are)_(?:\w+_)?(?:about|from|for|related_to|available|published)",
        r"(?:is|are)_(?:\w+_)?(?:filed|found|provided|given)",
        "would_(?:be|provide|include|contain|list|give|show|help|detail|offer)",
        "can_(?:be_(?:found|used|accessed|obtained)|help) will_(?:provide|contain|help|be)",
        "(?:should|may)_(?:be|provide|include|contain)",
    )
    + r"\b|the (?:[\w-]+ ){1,4}?you (?:have )?(?:pasted|provided|shared|gave|sent|uploaded|posted"
    r"|quoted|attached)\b"
    r"|.{0,80}\b(?:is|are|was|were) (?:(?:only|just|merely) (?:mentioned|named|discussed|cited)"
    r"|(?:mentioned|named|discussed|cited) (?:only|just|merely|once|briefly|in passing))\b"
    rf"|(?:it|this|that|the {QUALIFIED}{TEXT}) is an? (?:\w+ ){{0,2}}?{TEXT}\b"
)
"""A clause on what the source holds, without saying what stands there."""

NO_SUBSTANCE = re.compile(
    r"(?:i|we|one|you|users?|investors?|analysts?|readers?) (?:\w+ )?(?:can|could|would|will"
    r"|should|may|might|must|need to|have to|want to)(?: \w+ly)?(?: need to| have to| also| then"
    rf"| want to| be able to)? {_DOES}\b|(?:please |kindly |simply |to )?{_DOES}\b"
    r"|(?:if|once|when|unless|should|assuming|without|until|after|with|by) "
    + any_of(
        "you i we one this that these those the more any there additional further such access",
        "having needed necessary not",
    )
    + r"\b|(?:i am |i )?(?:sorry|apologi(?:[sz]e|es))\b|"
    + any_of(
        "my_apologies thank let_us let_me where the_question the_user the_answer_to further",
        "more_information additional keep_in_mind remember_to as_an?_(?:ai|large|language)",
        r"here_(?:is_|are_)?(?:how|some|what|(?:the|a)_(?:\w+_)?(?:steps?|step-by-step|process))",
        r"here_(?:is_|are_)?(?:the|a)_(?:\w+_)?(?:formula|way)",
        "there_(?:you|one|i)_(?:will|can|would|should|may)",
        "for_(?:more|the_most|accurate|an?|further|any|detailed|precise|up)",
        "i_am_(?:an?|just|only|here|happy|glad|designed|programmed)",
        "i_(?:will|would|can|could)_(?:be|do|try|help|assist|need|guide|show_you_how|explain_how|walk)",
        "i_(?:recommend|suggest|advise|encourage|hope|only|rely|was)",
        "i_(?:wish|am_sorry)_(?:that_)?i_could(?:_not)?_(?:help|answer|assist|say|tell)",
        "(?:i|we)_(?:have_)?(?:looked|searched|checked|read|reviewed|went|gone)_(?:through|in|at|the|over)",
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
