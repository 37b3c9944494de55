"""How people say that something is not so, or only compare, cite or ask it.

Patterns for normalised texts (`text.plain`); each is bounded, so that reading takes linear time.
"""

from __future__ import annotations

import re

FALSE = (
    r"(?:false|wrong|incorrect|untrue|inaccurate|mistaken|not (?:\w+ )?(?:true|correct|right"
    r"|accurate"
    r"|so|the case|what happened|the answer)|(?:the |a )?(?:wrong|incorrect|false) (?:answer"
    r"|one|date|name|place)|(?:a |an )?(?:\w+ )?(?:lie|myth|misconception|mistake"
    r"|error|falsehood|rumou?r|legend|fabrication|hoax)|never the case|fabricated|made up"
    r"|nonsense|unfounded|baseless"
    r"|(?:(?:since|long|later|widely|thoroughly) )?(?:been )?(?:disproved|disproven|debunked"
    r"|refuted|discredited|retracted))"
)
SURE = (
    r"(?:(?:simply|just|completely|entirely|totally|certainly|definitely|clearly|actually"
    r"|plainly|quite) )?"
)
STATEMENT = (
    r"(?:(?:claim|idea|notion|belief|statement|assertion|suggestion|assumption|view|answer"
    r"|allegation|theory|story|fact|information|sentence)s?)"
)
SAY = r"(?: to (?:say|claim|think|believe|state|assume|suggest|assert))?"
VERBS_OF_BELIEF = r"(?:believe|think|say|claim|agree|maintain|hold|argue|accept)(?:s|d|ed)?"
BEFORE = re.compile(
    r"(?:^|(?<=[;:,] ))(?:(?:and|but|so|well|however|actually|in fact|no),? ){0,4}(?:"
    rf"(?:it|this|that) (?:is|was|would be|seems) {SURE}{FALSE}{SAY},?(?: that\b| to\b|,|:)? "
    rf"|{FALSE},? that "
    r"|(?:i|we|experts|historians|scientists|researchers) (?:do not|did not|no longer|never) "
    r"(?:think|believe|say|claim|agree)(?: that)? "
    rf"|(?:nobody|no ?one|no (?:\w+ )?\w+|few(?: \w+)?) (?:\w+ )?{VERBS_OF_BELIEF} that "
    r"|(?:(?!there |no |not |never )\S+ ){1,5}(?:deny|denies|denied|dispute|disputes|disputed"
    r"|doubt|doubts|doubted"
    r"|reject|rejects|rejected|refute|refutes|refuted) (?:that|the \w+ that) "
    r"|(?:there is )?no (?:\w+ )?(?:evidence|proof|indication|reason to (?:think|believe))"
    r" (?:exists )?that "
    r"|(?:it is |it was )?(?:hardly|not|never) (?:the case|true) that "
    r"|contrary to (?:the )?(?:\w+ ){0,4}?that "
    r")(?=\S)"
)
AFFIRMED = re.compile(
    r"^(?:it|this|that) (?:is|was) (?:not|never|no) (?:(?:a|an) )?(?:\w+ )?(?:false|wrong"
    r"|incorrect|untrue"
    r"|lie|myth|misconception|mistake|error|rumou?r|legend|hoax|secret)(?: that\b|,|:| -) (?=\S)"
)
"""Denies a denial."""
NEGATIONS = frozenset({"not", "never", "neither", "no", "none", "without"})
UNDENYING = (
    r"(?!(?:only|just|merely|until|before|yet|all|every\w*|many|much|long|far|everyone"
    r"|uncommon|unusual|unlikely|sure|certain|applicable"
    r"|\w+ly)\b)(?=\S)"
)
ASIDE = (
    r"^(?:(?:contrary to [^,;.]{1,60}|no|actually|in fact|well|but|however|of course"
    r"|sorry),? )*"
)
WHOLE = re.compile(
    rf"{ASIDE}(?:it|this|that|the (?:right |correct )?answer) (?:(?:definitely|certainly"
    rf"|surely|clearly|probably) )?"
    r"(?:(?:is|was|are|were) (?:\w+ly )?(?:not|never|by no means|in no way)|(?:can|could|would"
    r"|will|must|should|may|might) (?:\w+ly )?"
    rf"(?:not|never) (?:be|have been)) {UNDENYING}"
)
BARE = re.compile(
    rf"{ASIDE}(?:(?:definitely|certainly|surely|clearly|probably|absolutely|simply) )?not"
    rf" {UNDENYING}|{ASIDE}(?:under no circumstances|in no case|in no way|by no means|at no"
    rf" time) (?=\S)"
)
"""A sentence that begins with what is not so; what follows its first comma may be."""
BARE_TURN = re.compile(r"[,;:] (?:but )?| but ")
TURN = re.compile(
    r" but (?!also\b|not\b)|[;,:] (?=(?:but|rather|instead|in fact|actually|it is|it was|he"
    r"|she|they|that is)\b)"
)
VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|do|does|did|can|could|will|would|may|might|must|should"
    r"|[a-z]{3,}(?:ed|es|ts|ds|ns|ks|ls|rs|ys|ms|ps|ws))\b"
)
PREVIOUS = re.compile(
    r"^(?:(?:but|however|actually|no|sorry|and|in fact|of course),? )*(?:"
    rf"(?:(?:all|none) of )?(?:this|that|it|which|these|those|(?:the|this|that) (?:above"
    rf"|previous|preceding|first)?"
    rf" ?{STATEMENT}?) (?:is|was|are|were|would be|has|has been|have been|turned out to be)"
    rf" {SURE}{FALSE}"
    rf"|{SURE}{FALSE}$|(?:this|that) never happened|just kidding|only joking"
    r"|(?:i|we) (?:just )?(?:made|invented) (?:that|this|it|all of (?:this|that|it))(?: up)?"
    r"|(?:none of (?:this|that|it) (?:is|was) (?:true|correct|right))|not(?: really)?$"
    r"|(?:scratch|strike|forget|ignore|disregard) (?:that|this)\b"
    r"|(?:i|we) take (?:that|it) back|the opposite is true"
    r"|the (?:truth|reality) is (?:the opposite|different)"
    r"|(?:i|we) (?:was|were|am|are) (?:lying|wrong|joking|mistaken))"
)
BEHIND = re.compile(
    rf"(?:,? (?:which|but (?:this|that|it)|though (?:this|that|it))|(?: [-–—]+|,| \() ?(?:this"
    rf"|that|it|which)) (?:is|was)"
    rf" {SURE}{FALSE}|\bha(?:s|d|ve) nothing to do with\b"
)
ITSELF = re.compile(
    rf"^(?:the |any |this |that )?{STATEMENT} that .+ (?:is|was|are|were) {SURE}{FALSE}"
    rf"|^(?:that|whether) .{{8,}} (?:is|was) {SURE}{FALSE}"
    rf"|^(?!(?:(?:well|so|and|but),? )*(?:(?:yes|no|it|this|that|these|those)\b|(?:the|this"
    rf"|that) {STATEMENT}\b))"
    rf"(?:\S+ ){{1,40}}(?:is|was|are|were|would be) {SURE}{FALSE}\W*$"
)
FALSE_STEMS = frozenset(
    {
        "fals",
        "wrong",
        "incorrect",
        "untru",
        "inaccur",
        "mistaken",
        "myth",
        "misconcept",
        "lie",
        "hoax",
    }
)
ATTRIBUTED = re.compile(
    r"^(?:although |while |though |even though )?(?:every(?:one|body)|(?:some|many|most|a few"
    r"|certain|other)(?: \w+)?|people|i|we|they|critics|sceptics|skeptics|others"
    r"|it (?:is|was) (?:\w+ )?(?:claimed|rumou?red|alleged|(?:often|sometimes|commonly|widely"
    r"|once|long|falsely"
    r"|wrongly|mistakenly|erroneously|incorrectly|popularly) (?:\w+ )?(?=(?:said|thought"
    r"|believed|assumed|claimed|stated)\b))"
    r"|(?:a |the )?(?:popular|common|widespread) (?:belief|myth|misconception|legend)|legend"
    r" has it)"
    r"\b.{0,40}?\b(?:claim|claims|claimed|say|says|said|think|thought|believe|believed|assume"
    r"|assumed"
    r"|rumou?red|alleged|stated|suggest|suggested|argue|argued|is|has it|holds?)\b"
)
CONCEDES = re.compile(r"^(?:although|while|though|even though) ")
CONTRAST = re.compile(
    r"^(?:but|however|actually|in (?:fact|reality|truth)|yet|nevertheless|instead|it was"
    r" actually)\b"
)
MISTAKENLY = re.compile(r"\b(?:falsely|wrongly|mistakenly|erroneously|incorrectly)\b")
NOT_BUT = re.compile(
    r"\b(?:not|never|neither)\b(?! (?:only|just|merely|until|before|all"
    r"|every)\b)([^.;:?!]{1,90}?),? but (?!also\b|not\b|i\b|we\b|the (?:text|context|passage"
    r"|document))"
)
NOT_TAIL = re.compile(
    r"(?:, (?:and |but )?| and | but )not (?!only\b|just\b|until\b|all\b|yet\b|to"
    r" be\b)(?:[\w'’.-]+ ?){1,6}(?=[.,;:!?)]|$)"
)
SUPPOSED = re.compile(
    r"^[^,;]{1,80} (?:is|was|were|are|has been|had been) (?:\w+ly )?(?:(?:first|long|once"
    r"|initially|often|sometimes|usually) )?(?:\w+ly )?(?:credited|suspected|accused"
    r"|blamed|rumou?red|believed|thought|assumed|expected|supposed|alleged)\b[^,;]{0,60},? but"
    r" (?!also\b)"
    r"(?=(?:it|this|that) (?:is|was)\b|in (?:fact|reality|truth)\b|actually\b"
    r"|(?:\S+ ){1,3}(?:did|was|is)\b)"
)
CREDITED = re.compile(
    r",? (?:al|even )?though [^,.;:!?]{1,80} (?:is|was|are|were) (?:often |sometimes |usually "
    r"|\w+ly )*"
    r"(?:credited|suspected|believed|thought|assumed|supposed|named|said)\b[^,.;:!?]{0,60}"
)
RUNNER_UP = re.compile(r",? (?:\w+ly )?followed by [^.;:!?]{2,80}")
WRONG_AHEAD = re.compile(r"^(?:wrong|incorrect|false|untrue|myth|fiction)(?:: | - |! )(?=\S)")
BYGONE = re.compile(
    r"(?:^|(?<=[,;] ))(?:\S+ ){0,4}?(?:used to be|formerly|previously|originally|once|in the"
    r" past)\b[^;!?]{1,120}?[,;:] "
    r"(?:but |and )?(?=(?:now|today|currently|nowadays|presently|it is (?:now|today)|these"
    r" days|at present)\b)"
)
BYGONE_STEMS = frozenset(
    {
        "us",
        "formerli",
        "former",
        "previous",
        "previou",
        "origin",
        "onc",
        "past",
        "old",
        "first",
        "befor",
    }
)
EXCEPT = re.compile(
    r"\b(?:(?:any|every)(?:thing|one|body|where)|anywhere|all|any \w+|every \w+) (?:but"
    r"|except(?: for)?|besides|other than) "
    r"[^.,;:!?]{1,80}|\b(?:far|a long way) from being [^.,;:!?]{1,80}"
)
LIKENED = re.compile(
    r", (?:which is |being )?(?:similar|comparable|akin) to [^,.;:!?]{2,80}"
    r"|,? (?:just |narrowly |far |well )?ahead of [^.,;:!?]{2,80}|, (?:just|much|a bit|rather)"
    r" like [^,.;:!?]{2,80}|^like [^,.;:!?]{2,80},"
)
INSTEAD = re.compile(
    r"(?:,? (?:rather than|instead of|as opposed to|in place of|in contrast to|in contrast"
    r" with|by contrast with"
    r"|as distinct from)|(?:^|, |; )(?:unlike|contrary to)) [^.,;:!?]{1,80}"
)
THAN = re.compile(
    r"\b(?:(?P<grade>(?!other |rather )\w{2,}er|(?:more|less|fewer)(?: [\w-]+){0,4}?|worse)|rather"
    r"|(?<!none )(?<!no one )(?<!nothing )(?<!nobody )other) than"
    r" (?!(?:a |an |the )?(?:[0-9$€£]|half|once|twice|one\b|two\b|three\b|four\b|five\b|six\b"
    r"|seven\b"
    r"|eight\b|nine\b|ten\b|hundred|thousand|million))[^.,;:!?]{2,80}"
)
COMPARED = re.compile(
    r",? (?:as|when) compared (?:to|with) [^.,;:!?]{2,80}|,? compared (?:to|with)"
    r" [^.,;:!?]{2,80}"
)
SENTENCE = re.compile(r"(?<=[a-z0-9.)%\]\"”'’][.!?])\s+(?=\S)|(?<=[.!?][\"”)])\s+|\n+")
ABBREVIATED = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|st|jr|sr|vs|prof|approx|no|nos|inc|ltd|co|corp|e\.g|i\.e|etc|fig|al"
    r"|u\.s|dept|gen|col|sen|rep|gov|mt|ft)|\b[a-z])\.$"
)
