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

ANSWERS: tuple[Asked, ...] = (
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
    Asked("What do I need for a visa?", "You will need to provide a passport and a photograph."),
    Asked(
        "Can I cancel my order?", "If you have not received it, you can cancel it free of charge."
    ),
    Asked(
        "What is required for a deed?", "At least two parties are required to enter into a deed."
    ),
    Asked("What does the app need?", "It needs access to the camera and to the network."),
    Asked("Which form must be filed?", "You have to file form 8843."),
)
