"""Answers that decline, and answers that only sound like it, written for this project.

Fifteen kinds of refusal of four forms each, and right answers to questions whose subject is what is
missing, forbidden, unknown or impossible.
"""

from __future__ import annotations

from typing import NamedTuple


class Asked(NamedTuple):
    """A question with an answer to it."""

    question: str
    answer: str


_BRIDGE = "How long is the suspension bridge over the Tamina gorge?"
_DOSE = "What dose of amoxicillin is recommended for a child of 20 kg?"
_REVENUE = "What was the operating margin of Halden Foods in 2021?"
_AUTHOR = "Who wrote the libretto of the opera The Salt Road?"
_REFUND = "Does the premium plan include refunds for cancelled courses?"
_CAUSE = "Why was the north tunnel closed in May 2019?"

_DRONE = "What is the maximum payload of the Kestrel 3 drone?"
_CHAIR = "Who chaired the Lima conference in 1994?"
_WARRANTY = "Does the warranty of the Brava oven cover the door seal?"
_FEVER = "Which bacteria cause the Zermatt fever?"
_SALES = "How did unit sales of Orlo AG develop in 2022?"
_MOONS = "How many moons does Tyros have?"
_KINASE = "Which compound inhibits kinase K7?"
_NOTICE = "What is the notice period for tenants in Vaduz?"
_BAND = "Why did Harlan leave the band?"
_TRAIN = "Is the Nordlys train accessible by wheelchair?"
_LIBRARY = "When does the library in Sargans open on Saturdays?"
_HALF_LIFE = "What is the half-life of veltrimab?"
_CABLE_CAR = "Who owns the Corvatsch cable car?"
_API = "Does the API support pagination?"
_ROADS = "How much did the council spend on roads in 2020?"
_GENE = "Which gene is mutated in Valser syndrome?"
_IBAN = "What is the IBAN for donations to the Arve foundation?"
_DAM = "When was the Matro dam completed?"
_FERRY = "Can I bring a dog on the ferry to Isola?"
_JURY = "List the members of the 2015 jury."
_BREWERY = "Who founded the Harrow brewery?"
_BEDS = "How many beds does the clinic have?"
_LORRIES = "Is the ferry allowed to carry lorries?"
_FAILURE = "Why did the dam fail?"
_STATUE = "When was the statue moved?"
_ENZYME = "Which enzyme breaks it down?"
_PUMP = "What is the warranty period of the X200 pump?"

REFUSALS: dict[str, tuple[Asked, ...]] = {
    "the speaker does not know": (
        Asked(_AUTHOR, "I honestly have no clue who wrote it."),
        Asked(_BRIDGE, "Hmm, I really could not tell you how long that bridge is."),
        Asked(_CAUSE, "I'm afraid I am not familiar with the closure of the north tunnel."),
        Asked(_REFUND, "We don't know whether refunds are part of the premium plan."),
    ),
    "the source does not say": (
        Asked(_BRIDGE, "The leaflet you pasted says nothing about the length of the bridge."),
        Asked(_AUTHOR, "None of the passages names the librettist."),
        Asked(_CAUSE, "The minutes are silent on the reason for the closure."),
        Asked(_DOSE, "The guideline excerpt only covers adults and gives no dose for children."),
    ),
    "it is not said": (
        Asked(_REVENUE, "Halden Foods' operating margin for 2021 isn't reported in this extract."),
        Asked(_AUTHOR, "The libretto's author goes unmentioned in the text."),
        Asked(_REFUND, "Whether cancelled courses are refunded is not stated anywhere."),
        Asked(_CAUSE, "No reason is given."),
    ),
    "it cannot be found out": (
        Asked(_REVENUE, "It is not possible to work out the operating margin from these pages."),
        Asked(_BRIDGE, "The length cannot be derived from what has been provided."),
        Asked(_CAUSE, "There is no way to tell why the tunnel was closed."),
        Asked(_DOSE, "A dose can't be determined on the basis of the documents supplied."),
    ),
    "something would be needed": (
        Asked(_REVENUE, "I would need the income statement of Halden Foods for 2021 to say."),
        Asked(_DOSE, "Without the dosing table, I can't work out the dose for a child of 20 kg."),
        Asked(
            _REVENUE,
            "To calculate the operating margin of Halden Foods, one would need its operating "
            "income and its revenue for 2021, neither of which is part of the context.",
        ),
        Asked(_BRIDGE, "More information would be needed to answer how long the bridge is."),
    ),
    "the speaker lacks access": (
        Asked(_REFUND, "As a virtual assistant I have no access to the terms of the premium plan."),
        Asked(_CAUSE, "I can't browse the web, so I'm unable to look up why it was closed."),
        Asked(
            _REVENUE,
            "As an AI language model, I don't have access to company accounts. You can find the "
            "operating margin in the annual report of Halden Foods, which is on its website.",
        ),
        Asked(_AUTHOR, "I do not have the programme book of The Salt Road at hand."),
    ),
    "ask somewhere else": (
        Asked(_DOSE, "I can't give a dose. Please ask a pharmacist or the child's doctor."),
        Asked(_REVENUE, "Sorry, please consult the 2021 annual report of Halden Foods for that."),
        Asked(_REFUND, "I am not certain. It would be best to check with customer service."),
        Asked(
            _BRIDGE,
            "You would need to check with the municipality for the length of the suspension "
            "bridge.",
        ),
    ),
    "there is nothing on it": (
        Asked(_AUTHOR, "There's no reference to the libretto in the documents."),
        Asked(_CAUSE, "I found no explanation for the closure in the material."),
        Asked(_REFUND, "The FAQ has no entry on cancelled courses."),
        Asked(_BRIDGE, "Nothing in the context speaks of the bridge's length."),
    ),
    "the speaker's knowledge ends": (
        Asked(_CAUSE, "My knowledge ends in 2018, so I cannot say why the tunnel was closed."),
        Asked(
            _REVENUE,
            "As of my last training update, figures of Halden Foods for 2021 were not available "
            "to me.",
        ),
        Asked(_AUTHOR, "This opera is outside of what I was trained on, and I can't identify it."),
        Asked(_REFUND, "That goes beyond my knowledge of the plans."),
    ),
    "the evidence does not suffice": (
        Asked(_CAUSE, "There isn't enough in the report to conclude why it was closed."),
        Asked(_DOSE, "The information is insufficient to recommend a dose."),
        Asked(_REVENUE, "These figures alone do not allow me to calculate the operating margin."),
        Asked(_AUTHOR, "The excerpts provide too little detail to identify the librettist."),
    ),
    "the speaker asks back": (
        Asked(_REVENUE, "Could you share the income statement? Without it I can't answer."),
        Asked(_BRIDGE, "I'm not sure which bridge you mean. Which gorge is it?"),
        Asked(
            _REVENUE,
            "Please provide the revenue and operating income of Halden Foods for 2021, and I will "
            "gladly compute the operating margin.",
        ),
        Asked(_REFUND, "I do not have the terms. If you paste them here, I can check them."),
    ),
    "how one would do it": (
        Asked(
            _REVENUE,
            "To find the operating margin of Halden Foods in 2021, you would need to divide its "
            "operating income by its revenue:\n\nOperating margin = operating income / revenue x "
            "100\n\nOnce you have both figures, you can calculate it.",
        ),
        Asked(
            _BRIDGE,
            "You would need to look up the length of the suspension bridge in the register of "
            "bridges.\n1. Open the register.\n2. Search for the Tamina gorge.\n3. Read the entry.",
        ),
        Asked(
            _REVENUE,
            "Operating margin is calculated by dividing operating income by revenue. For example, "
            "if a company had revenue of $200 million and operating income of $30 million, its "
            "margin would be 15%. I do not have these figures for Halden Foods.",
        ),
        Asked(
            _DOSE,
            "Doses for children are usually calculated from body weight. You would need to refer "
            "to the product information for the dose of amoxicillin per kg.",
        ),
    ),
    "the source is about something else": (
        Asked(_REVENUE, "The table covers 2018 to 2020 but not 2021, so I cannot tell."),
        Asked(
            _AUTHOR, "The article discusses the composer's symphonies. It doesn't mention opera."
        ),
        Asked(
            _CAUSE,
            "The context mentions the south tunnel only. It does not provide a reason for the "
            "closure of the north one.",
        ),
        Asked(_DOSE, "These passages are about penicillin allergy; no doses are included."),
    ),
    "the speaker will not": (
        Asked(_DOSE, "Sorry, but I can't help with that."),
        Asked(_DOSE, "I'm not able to give medical advice."),
        Asked(_AUTHOR, "Unfortunately, I must decline to answer this question."),
        Asked(_REFUND, "I would rather not guess; I don't have the contract."),
    ),
    "figures that do not suffice": (
        Asked(
            _REVENUE,
            "Halden Foods had revenue of $412 million in 2021. However, its operating income is "
            "not given. Therefore, I cannot calculate the operating margin.",
        ),
        Asked(
            _DOSE,
            "The leaflet gives 750 mg twice a day for adults. Without a figure per kg, it is not "
            "possible to determine the dose for a child of 20 kg.",
        ),
        Asked(
            _BRIDGE,
            "The gorge is 200 m deep and the bridge was built in 1974. As its span is not "
            "mentioned, the length cannot be determined.",
        ),
        Asked(
            _REVENUE,
            "Operating income was $31 million in 2020 and $36 million in 2021, but since the "
            "revenue is missing, the operating margin of Halden Foods cannot be computed.",
        ),
    ),
}

FURTHER: tuple[Asked, ...] = (
    Asked(
        _DRONE,
        "I apologize, but the manual excerpts shared here contain no payload specification for "
        "the Kestrel 3.",
    ),
    Asked(_DRONE, "There's insufficient detail in the retrieved chunks to answer this."),
    Asked(_DRONE, "The payload isn't something I can find in the supplied material."),
    Asked(
        _DRONE,
        "Based on what I was given, it's impossible to say what the maximum payload is. The "
        "passages cover battery life and range.",
    ),
    Asked(
        _DRONE,
        "The maximum payload of the Kestrel 3 is not provided. For comparison, the Kestrel 2 "
        "section is also missing this figure.",
    ),
    Asked(_CHAIR, "Nowhere in the text is a chair of the Lima conference named."),
    Asked(_CHAIR, "I lack the necessary sources to identify the chair."),
    Asked(_CHAIR, "That detail is absent from the context."),
    Asked(
        _CHAIR,
        "The provided documents make no reference to who chaired it; they only list the "
        "participating states.",
    ),
    Asked(
        _CHAIR, "I'd have to see the conference proceedings in order to tell you who chaired it."
    ),
    Asked(
        _WARRANTY,
        "Whether the door seal is covered cannot be ascertained from the excerpt. You may want "
        "to check section 4 of your warranty booklet.",
    ),
    Asked(
        _WARRANTY,
        "The document doesn't touch on door seals. Please contact the manufacturer for details "
        "on coverage.",
    ),
    Asked(_WARRANTY, "I'm afraid this is beyond the information I have."),
    Asked(_WARRANTY, "It does not say."),
    Asked(_WARRANTY, "No mention of the door seal."),
    Asked(_FEVER, "Sorry - I found nothing about Zermatt fever in these articles."),
    Asked(
        _FEVER,
        "The abstract does not identify the bacteria. Zermatt fever is mentioned only in the "
        "title.",
    ),
    Asked(_FEVER, "The causative organism remains unspecified in the passages."),
    Asked(_FEVER, "I can only answer from the context, and the context is about influenza."),
    Asked(
        _FEVER,
        "As a language model I can't diagnose or look up diseases. A microbiology handbook "
        "would be the best source for this.",
    ),
    Asked(
        _SALES,
        "The report gives revenue only, not unit sales, so the development can't be determined.",
    ),
    Asked(_SALES, "While revenue rose by 4 % in 2022, the excerpt doesn't break out unit sales."),
    Asked(
        _SALES,
        "Unit sales figures aren't included in the excerpt. Typically, companies report them "
        "in the segment section of the annual report.",
    ),
    Asked(
        _SALES,
        "I'm unable to provide that. If you upload the 2022 annual report I can look for the "
        "unit sales of Orlo AG.",
    ),
    Asked(
        _MOONS, "Regrettably, the article excerpt stops before the moons of Tyros are discussed."
    ),
    Asked(_MOONS, "The number of moons is nowhere to be found in the passage."),
    Asked(_MOONS, "I would be guessing; the text gives no count."),
    Asked(_MOONS, "Not answerable from the context."),
    Asked(_MOONS, "The context is silent."),
    Asked(_KINASE, "The paper reports that K7 was inhibited, but it leaves the compound unnamed."),
    Asked(
        _KINASE,
        "Unfortunately the retrieved abstracts only discuss kinase K5. They contain nothing "
        "about K7.",
    ),
    Asked(_KINASE, "My sources don't cover that."),
    Asked(_KINASE, "Cannot be answered with the available information."),
    Asked(_KINASE, "Information not provided in the documents."),
    Asked(
        _NOTICE,
        "I'm sorry, I don't have details on tenancy law in Vaduz. You may wish to consult a "
        "local lawyer.",
    ),
    Asked(_NOTICE, "There is nothing in these pages about notice periods."),
    Asked(_NOTICE, "That question goes beyond the supplied leaflets."),
    Asked(
        _NOTICE,
        "Notice periods depend on local law, which I have no access to. Please check with the "
        "municipality.",
    ),
    Asked(_NOTICE, "The answer to this can't be found in the text."),
    Asked(_BAND, "Harlan's reasons are not given in the biography."),
    Asked(_BAND, "The biography doesn't go into why Harlan left."),
    Asked(_BAND, "We are not told why he left."),
    Asked(_BAND, "It's never explained."),
    Asked(_BAND, "No explanation for his departure appears in the text."),
    Asked(_TRAIN, "I have been unable to verify whether the Nordlys train is accessible."),
    Asked(
        _TRAIN,
        "The timetable does not contain accessibility information. I recommend contacting the "
        "operator.",
    ),
    Asked(_TRAIN, "Nothing is said about wheelchair access."),
    Asked(_TRAIN, "I wasn't given any information regarding accessibility on the Nordlys."),
    Asked(_TRAIN, "Accessibility of the Nordlys train: no information available."),
    Asked(_LIBRARY, "Saturday opening hours are not part of the notice."),
    Asked(_LIBRARY, "I looked through the context but could not locate the opening hours."),
    Asked(_LIBRARY, "Sorry, opening hours for Saturdays don't appear anywhere here."),
    Asked(_LIBRARY, "The notice lists weekday hours only; there is no entry for Saturdays."),
    Asked(
        _LIBRARY, "Please have a look at the library's website, as I have no current opening hours."
    ),
    Asked(
        _HALF_LIFE, "The half-life of veltrimab has not been reported in the abstracts I was shown."
    ),
    Asked(_HALF_LIFE, "I'm not in a position to state the half-life without the label text."),
    Asked(_HALF_LIFE, "No pharmacokinetic data on veltrimab were included."),
    Asked(_HALF_LIFE, "Given the limited context, I can't give a half-life."),
    Asked(_HALF_LIFE, "veltrimab: half-life not stated"),
    Asked(_CABLE_CAR, "From the passages alone one cannot tell who owns it."),
    Asked(_CABLE_CAR, "Ownership isn't discussed."),
    Asked(
        _CABLE_CAR,
        "I do not know who the owner is; the article is about the history of the cable car.",
    ),
    Asked(_CABLE_CAR, "Hard to say - the text never names an owner."),
    Asked(_CABLE_CAR, "The owner? The document doesn't tell us."),
    Asked(_API, "I couldn't find anything about pagination in the docs you provided."),
    Asked(
        _API,
        "The documentation excerpt makes no statement on pagination, so I can't say yes or no.",
    ),
    Asked(_API, "It is not specified whether the API supports pagination."),
    Asked(_API, "I don't have enough context to determine that."),
    Asked(_API, "This can't be answered from the README."),
    Asked(
        _ROADS, "The budget overview covers 2018 and 2019. Spending on roads in 2020 isn't shown."
    ),
    Asked(
        _ROADS,
        "I am unable to compute this: total spending was $41 million, but the share for roads "
        "is missing.",
    ),
    Asked(
        _ROADS,
        "To determine how much the council spent on roads, the 2020 accounts would be needed.",
    ),
    Asked(
        _ROADS,
        "The council's road spending for 2020 could not be found in the retrieved documents.",
    ),
    Asked(_ROADS, "Insufficient data."),
    Asked(_GENE, "No gene is named in the abstracts."),
    Asked(_GENE, "Current sources at my disposal do not reveal the gene."),
    Asked(_GENE, "I would not want to speculate about the gene."),
    Asked(_GENE, "It remains unclear which gene is mutated."),
    Asked(_IBAN, "I can't share account details."),
    Asked(_IBAN, "The IBAN is not among the information given."),
    Asked(_IBAN, "You can find the IBAN on the foundation's website."),
    Asked(_IBAN, "I do not have this on file, please write to the foundation."),
    Asked(_DAM, "Completion date: N/A"),
    Asked(_DAM, "I'm sorry, but I am unable to give you a date, since none is mentioned."),
    Asked(_DAM, "No date can be derived from the passage."),
    Asked(_FERRY, "The rules you pasted concern bicycles. Dogs are not addressed."),
    Asked(_FERRY, "I have no information on pets. Please ask the ferry company."),
    Asked(_FERRY, "Unclear from the text."),
    Asked(_FERRY, "Whether dogs are allowed, the timetable leaves open."),
    Asked(_FERRY, "We can't confirm that from the sources available."),
    Asked(_JURY, "I could not identify any members of the 2015 jury from the context."),
    Asked(_JURY, "The context lists the juries of 2013 and 2014, not that of 2015."),
    Asked(_JURY, "The members are not listed."),
    Asked(_JURY, "As the document ends in 2014, I can't list the members of the 2015 jury."),
    Asked(_JURY, "Sorry, that's not something I know."),
    Asked(_JURY, "There's no list of jury members for 2015 in what I was given."),
    Asked(_PUMP, "I'm afraid that isn't something the documents cover."),
    Asked(_PUMP, "Nothing in the passages speaks to the warranty period."),
    Asked(_PUMP, "The context is silent on this."),
    Asked(_PUMP, "Sorry, no idea."),
    Asked(_PUMP, "That information hasn't been disclosed."),
    Asked(_PUMP, "I would need more details to answer that."),
    Asked(_PUMP, "The provided text makes no mention of the warranty period."),
    Asked(_PUMP, "Unfortunately, the manual doesn't go into warranty terms."),
    Asked(_PUMP, "It's unclear from the context how long the warranty is."),
    Asked(_PUMP, "No answer can be given on the basis of these passages."),
    Asked(_PUMP, "I have been unable to find this in the sources."),
    Asked(_PUMP, "There isn't enough here to determine the warranty period."),
    Asked(_PUMP, "The answer is not contained in the supplied material."),
    Asked(_PUMP, "I can only answer from the passages, and they don't say."),
    Asked(_PUMP, "We are not told how long the warranty lasts."),
    Asked(_PUMP, "Insufficient information."),
    Asked(_PUMP, "N/A"),
    Asked(_PUMP, "Not specified."),
    Asked(_PUMP, "Unknown."),
    Asked(_PUMP, "Cannot be determined from the context."),
    Asked(
        _PUMP, "The passages discuss installation, but the warranty period isn't among the topics."
    ),
    Asked(_PUMP, "I don't have access to that information."),
    Asked(_PUMP, "As an AI, I don't have that detail."),
    Asked(_PUMP, "This question can't be answered with what I've been given."),
    Asked(_PUMP, "The warranty period is not given anywhere in the text."),
    Asked(_PUMP, "You'd have to check with the manufacturer."),
    Asked(_PUMP, "Please consult the manufacturer's website for that."),
    Asked(_PUMP, "I couldn't locate any reference to the warranty."),
    Asked(_PUMP, "None of the excerpts address this question."),
    Asked(_PUMP, "The documents leave this open."),
    Asked(_PUMP, "My sources do not include warranty details."),
    Asked(_PUMP, "I must decline, since the passages contain no such information."),
    Asked(_PUMP, "No relevant information found."),
    Asked(_PUMP, "The text provides no basis for an answer."),
    Asked(_PUMP, "There is no way to tell from this."),
    Asked(_PUMP, "I do not know the warranty period of the X200 pump."),
    Asked(_PUMP, "The X200 pump's warranty period remains unspecified."),
    Asked(_PUMP, "Based on the passages, I am not able to say what the warranty period is."),
    Asked(_PUMP, "It does not say."),
    Asked(_PUMP, "The context only covers maintenance; it gives no warranty period."),
    Asked(_PUMP, "Warranty information for this pump is missing from the documents."),
    Asked(_PUMP, "I'm not certain, as the passages do not state it."),
    Asked(_PUMP, "Without further documentation, the warranty period can't be established."),
    Asked(_PUMP, "The question falls outside the scope of the provided documents."),
    Asked(_PUMP, "I lack the information needed to answer."),
    Asked(_PUMP, "That's not something I can answer from the text."),
    Asked(_PUMP, "Regrettably, the excerpts give no indication of the warranty's length."),
    Asked(_PUMP, "No data available on this."),
    Asked(_PUMP, "The relevant section appears to be absent."),
    Asked(_PUMP, "I searched the passages and came up empty."),
    Asked(_PUMP, "The passage fails to mention it."),
    Asked(_PUMP, "Nowhere is the warranty period stated."),
    Asked(_PUMP, "The answer isn't here."),
    Asked(_PUMP, "This is not answerable from the given context."),
    Asked(_PUMP, "I wish I could help, but the text has nothing about warranties."),
    Asked(_PUMP, "Can't say."),
    Asked(_PUMP, "Details about the warranty are left out of the manual."),
    Asked(_PUMP, "The material at hand does not allow me to answer."),
    Asked(_PUMP, "I'd be guessing, because the documents don't mention a warranty."),
    Asked(_PUMP, "No warranty period is listed for the X200."),
    Asked(_BREWERY, "The founder isn't identified in what I was given."),
    Asked(_BREWERY, "Regrettably I can't tell from these excerpts."),
    Asked(_BREWERY, "That detail doesn't come up in the article."),
    Asked(_BREWERY, "The article talks about the brewery's beers but never says who founded it."),
    Asked(_BREWERY, "We don't learn who founded it."),
    Asked(_BREWERY, "History doesn't record who founded it."),
    Asked(_BREWERY, "There's nothing in the record about a founder."),
    Asked(_BEDS, "The number of beds is nowhere to be found."),
    Asked(_BEDS, "Sadly, bed numbers aren't part of this report."),
    Asked(_BEDS, "This can't be worked out from the figures shown."),
    Asked(_BEDS, "Not stated."),
    Asked(_BEDS, "My apologies, but I don't see that figure."),
    Asked(_BEDS, "I have no figures for that."),
    Asked(_LORRIES, "The timetable does not address lorries."),
    Asked(_LORRIES, "I'm unable to confirm whether lorries are allowed."),
    Asked(_LORRIES, "It's not possible to say either way."),
    Asked(_LORRIES, "Whether lorries are allowed is left unsaid."),
    Asked(_LORRIES, "The rules quoted concern cars only, so I can't say."),
    Asked(_FAILURE, "No explanation is offered."),
    Asked(_FAILURE, "The reasons are not gone into."),
    Asked(_FAILURE, "I cannot speculate about the cause."),
    Asked(_FAILURE, "The text stops short of explaining why."),
    Asked(_STATUE, "The date is missing."),
    Asked(_STATUE, "No date is given for the move."),
    Asked(_STATUE, "I'm missing the information to answer this."),
    Asked(_STATUE, "The documents I have predate any move, so I cannot tell."),
    Asked(_STATUE, "Apologies, the answer eludes me."),
    Asked(_STATUE, "That's beyond what the passage reveals."),
    Asked(_ENZYME, "The enzyme responsible is not specified in this abstract."),
    Asked(_ENZYME, "The abstract is mum on the enzyme."),
    Asked(_ENZYME, "An answer would require the full paper."),
    Asked(_ENZYME, "I am not in a position to answer."),
    Asked(_ENZYME, "Context insufficient to answer."),
    Asked(_ENZYME, "No enzyme is mentioned."),
    Asked(_ENZYME, "Hard to say from this abstract."),
    Asked(_ENZYME, "I do not have enough to go on."),
)
"""More of the same kinds, in other words: terse, passive, behind a dash or in a single phrase."""

ANSWERS: tuple[Asked, ...] = (
    Asked(_PUMP, "The warranty period is two years; it does not cover misuse."),
    Asked(_PUMP, "Two years. I'm not certain about commercial use."),
    Asked(_PUMP, "24 months from delivery, as stated in section 4."),
    Asked(_PUMP, "It is two years, although the manual does not mention the motor."),
    Asked(_PUMP, "The X200 has a two-year warranty, which cannot be extended."),
    Asked(_PUMP, "There is no warranty on the X200 pump."),
    Asked(_PUMP, "The pump comes without any warranty."),
    Asked(_PUMP, "None; it is sold as is."),
    Asked(_PUMP, "It is unlimited."),
    Asked(_PUMP, "Unknown to most, it is five years."),
    Asked(_PUMP, "The warranty lasts for as long as you own the pump."),
    Asked(_PUMP, "Two years, unless the documents are missing."),
    Asked(_PUMP, "You have to check the pump yearly to keep the two years of warranty."),
    Asked(_PUMP, "The warranty is void if the pump is opened, otherwise two years."),
    Asked(_PUMP, "Nobody knows better than the maker: two years."),
    Asked(_PUMP, "It isn't limited."),
    Asked(_PUMP, "Not less than two years."),
    Asked(_PUMP, "No fixed period: it depends on the hours of use."),
    Asked(_PUMP, "Consult section 4: two years."),
    Asked(_PUMP, "Please note that it is two years."),
    # Guessed, hedged or found after all.
    Asked(_AUTHOR, "I am not sure, but it was Ilse Brandt."),
    Asked(_AUTHOR, "I don't know for certain; probably Ilse Brandt."),
    Asked(_AUTHOR, "The passage does not say so outright, but Ilse Brandt is named as its poet."),
    Asked(_BRIDGE, "I couldn't find an exact figure, but it is about 220 metres long."),
    Asked(_BRIDGE, "The leaflet does not mention it. The bridge is 220 m long."),
    Asked(_BRIDGE, "It is not stated directly; from the plan, the length comes to 220 m."),
    Asked(_REVENUE, "The margin is not given, but 36 / 412 = 8.7 %."),
    Asked(_REVENUE, "The context does not report it directly. However, it can be computed: 8.7%."),
    Asked(_REVENUE, "Not mentioned for 2020; in 2021 it was 8.7 percent."),
    Asked(_CAUSE, "I cannot verify this, but it was closed because of a rockfall."),
    Asked(_CAUSE, "The report doesn't give details, but a rockfall had damaged the lining."),
    Asked(_CAUSE, "Because of a rockfall. I have no further information."),
    Asked(_DOSE, "As an AI, I can't replace a doctor, but 500 mg twice a day is usual."),
    Asked(_DOSE, "500 mg twice a day. Please consult a physician before giving it."),
    Asked(_DOSE, "The dose is 25 mg per kg, so 500 mg. I cannot give medical advice beyond that."),
    Asked(_REFUND, "Yes, although the page does not say how long they take."),
    Asked(_REFUND, "No, refunds are not included in the premium plan."),
    Asked(_REFUND, "The plan does not include refunds for cancelled courses."),
    Asked(_AUTHOR, "As of my last update, Ilse Brandt is credited with the libretto."),
    Asked(_AUTHOR, "I do not have access to the score. However, Ilse Brandt wrote the libretto."),
    # What is missing, unknown, impossible or not done is the answer.
    Asked("Which drug cures the disease?", "No medication is known to cure it."),
    Asked("Did the two groups differ?", "The study does not report a difference."),
    Asked("Did mortality change?", "The trial did not show a reduction of mortality."),
    Asked("What did the audit find?", "The audit found no evidence of fraud."),
    Asked("What did the review conclude?", "The evidence does not support the use of zinc."),
    Asked("Is the vaccine sold in Europe?", "The vaccine is not available in Europe."),
    Asked("Can the virus survive on paper?", "The virus cannot survive on paper."),
    Asked("What happens when the key is lost?", "The data cannot be recovered without the key."),
    Asked("What can't the algorithm do?", "It is unable to handle cycles."),
    Asked("Where is the enzyme found?", "It cannot be found in plants, only in animals."),
    Asked("Which dividend was paid?", "No dividend was paid in 2020."),
    Asked("Who won the first prize?", "Nobody; the first prize was not awarded."),
    Asked("How many patients died?", "None of the patients died."),
    Asked("What did the witness say?", "She said that she knew nothing."),
    Asked("What does the law require?", "Employers must not disclose medical data."),
    Asked("What did the minister refuse?", "He refused to disclose the names of the donors."),
    Asked("What is a black box?", "A system whose inner working is unknown."),
    Asked("What is dark matter made of?", "Physicists favour particles that have not been seen."),
    Asked("Why is the sea salty?", "Rivers carry salt, which cannot evaporate."),
    Asked("What does error 404 mean?", "The page was not found on the server."),
    Asked("What does HTTP 401 mean?", "The client has not provided valid credentials."),
    Asked("What does N/A stand for?", "It stands for not applicable."),
    Asked("What was the verdict?", "Not guilty."),
    Asked("Which album is it on?", "Unknown Pleasures"),
    Asked("Which monument is meant?", "The Tomb of the Unknown Soldier"),
    Asked("What kind of learning is it?", "Unsupervised learning"),
    Asked("What limits the model?", "Insufficient data on children."),
    Asked("What is missing in scurvy?", "Vitamin C is lacking."),
    Asked("What is aphasia?", "Patients are unable to speak or to find words."),
    Asked("What is ibuprofen not given for?", "It is not given to patients with ulcers."),
    Asked("What data augmentation was used?", "No data augmentation was used."),
    Asked("Is the encoder trained?", "The text encoder is not trained."),
    Asked("What does the contract exclude?", "The contract does not cover water damage."),
    Asked("How was the treasure found?", "The map did not say where, so they dug at the oak."),
    # Advice, definitions and directions are what was asked for.
    Asked("How do I reset my password?", "You need to open Settings and click Reset password."),
    Asked("Where can I find my invoice?", "Please check the billing page of your account."),
    Asked("What should I do after a bite?", "You should see a doctor and clean the wound."),
    Asked("Whom should I contact?", "Please contact the registrar by e-mail."),
    Asked("How is the quick ratio calculated?", "You would need to divide liquid assets by debt."),
    Asked("What is the quick ratio?", "The quick ratio is a measure of short-term liquidity."),
    Asked("What is the quick ratio?", "I lack the figures. It is a measure of liquidity."),
    Asked("Where should one look for more?", "See note 7 of the financial statements."),
    Asked("What do I need for a visa?", "You will need to provide a passport and a photograph."),
    Asked(
        "Can I cancel my order?", "If you have not received it, you can cancel it free of charge."
    ),
    Asked(
        "What is required for a deed?", "At least two parties are required to enter into a deed."
    ),
    Asked("What does the app need?", "It needs access to the camera and to the network."),
    Asked("Which form must be filed?", "You have to file form 8843."),
    # Figures, names and polarity beside what is not said.
    Asked(_DRONE, "1.8 kg, though the manual does not say under which conditions."),
    Asked(_DRONE, "The payload is not listed in the table, but the text puts it at 1.8 kg."),
    Asked(_DRONE, "I can't confirm it, yet it should be 1.8 kg."),
    Asked(_DRONE, "It cannot carry any payload."),
    Asked(_CHAIR, "The conference had no chair."),
    Asked(_CHAIR, "Nobody is named in the minutes except Rosa Quiroga, who chaired it."),
    Asked(_CHAIR, "Not Peru's minister but Rosa Quiroga."),
    Asked(_CHAIR, "Rosa Quiroga. No further details are given."),
    Asked(_WARRANTY, "No. The seal is a wearing part."),
    Asked(_WARRANTY, "The seal is not covered."),
    Asked(_WARRANTY, "It does not cover the door seal."),
    Asked(_WARRANTY, "Only if it fails within six months; the booklet does not say more."),
    Asked(_FEVER, "It is not caused by bacteria but by a virus."),
    Asked(_FEVER, "The cause has not been identified; Rickettsia are suspected."),
    Asked(_FEVER, "None are known."),
    Asked(_SALES, "They did not change."),
    Asked(_SALES, "They fell, although the report does not say by how much."),
    Asked(
        _SALES, "The context does not give unit sales for 2021, but they reached 14,000 in 2022."
    ),
    Asked(_SALES, "Unit sales were not affected by the strike and rose."),
    Asked(_MOONS, "Tyros has no moons."),
    Asked(_MOONS, "None."),
    Asked(_MOONS, "Two, though a third has not been confirmed."),
    Asked(_MOONS, "It is not known exactly; estimates range from 12 to 15."),
    Asked(_KINASE, "No compound inhibits it."),
    Asked(_KINASE, "Staurosporine; its mechanism is not known."),
    Asked(_KINASE, "It is not ATP but staurosporine that inhibits K7."),
    Asked(_NOTICE, "There is no notice period."),
    Asked(_NOTICE, "Three months, unless the lease says otherwise."),
    Asked(_NOTICE, "The law does not prescribe one."),
    Asked(_BAND, "He could not stand the touring."),
    Asked(_BAND, "He was not given enough songs."),
    Asked(_BAND, "He never said why, but he was ill."),
    Asked(_BAND, "Because there was no money."),
    Asked(_TRAIN, "No, it is not accessible."),
    Asked(_TRAIN, "It is not, since there is no ramp."),
    Asked(_TRAIN, "Yes, except for coach 3, which has no lift."),
    Asked(_TRAIN, "Only coach 1 is; the others cannot be reached."),
    Asked(_LIBRARY, "It does not open on Saturdays."),
    Asked(_LIBRARY, "At 9, but the notice does not say until when."),
    Asked(_LIBRARY, "The library stays closed on Saturdays."),
    Asked(_HALF_LIFE, "It has not been determined in children; in adults it is 21 days."),
    Asked(_HALF_LIFE, "21 days (not confirmed)."),
    Asked(_CABLE_CAR, "No private owner: the canton does."),
    Asked(
        _CABLE_CAR,
        "The text does not name the holding, only its chairman, Urs Caviezel, who owns it.",
    ),
    Asked(_API, "No, pagination is not supported."),
    Asked(_API, "The API does not support pagination."),
    Asked(_API, "Yes, although it is not documented."),
    Asked(_ROADS, "Nothing was spent on roads in 2020."),
    Asked(_ROADS, "The council did not spend anything."),
    Asked(_ROADS, "$12 million, although the accounts do not break it down."),
    Asked(_ROADS, "I can't find the exact figure, but roughly 12 million."),
    Asked(_GENE, "None has been identified; it is caused by a virus."),
    Asked(_GENE, "TBX9, although its function is unknown."),
    Asked(_GENE, "Not BRCA1 but TBX9."),
    Asked(_GENE, "The gene is unknown, but it lies on 4q."),
    Asked(_IBAN, "CH93 0076 2011 6238 5295 7; I cannot check whether it is still valid."),
    Asked(_IBAN, "The foundation does not take donations."),
    Asked(_DAM, "It was never completed."),
    Asked(_DAM, "1961. The text does not say in which month."),
    Asked(_DAM, "The dam was not completed until 1961."),
    Asked(_FERRY, "No, dogs are not allowed."),
    Asked(_FERRY, "You can't."),
    Asked(_FERRY, "Only guide dogs; others are not admitted."),
    Asked(_FERRY, "Yes, if it is on a leash. The rules do not mention cats."),
    Asked(_JURY, "There was no jury in 2015."),
    Asked(_JURY, "Anna Walser and Urs Caviezel; the third is not named."),
    Asked(_JURY, "I only found two: Anna Walser and Urs Caviezel."),
)
