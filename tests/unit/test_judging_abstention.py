"""Which answers decline to answer, and which only sound like it."""

import pytest

from pytest_ragft.judging.abstention import AbstentionRecogniser
from pytest_ragft.judging.lexical.text import Reader

QUESTION = "How many steps does the staircase of the Eiffel Tower have?"

DECLINE = [
    "I do not know.",
    "I don't know",
    "I don’t know the answer to this question.",
    "I'm not sure.",
    "I am unable to answer this question based on the context.",
    "I cannot answer this question.",
    "I cannot determine the answer from the given context.",
    "Sorry, I can't find that in the passage.",
    "I'm sorry, but I don't have enough information to answer that.",
    "The context does not say.",
    "The context doesn't mention how many CPU cores were used.",
    "The provided context does not provide information about the number of steps.",
    "The passage does not specify this.",
    "The text doesn't contain the answer.",
    "The given passages do not state who built it.",
    "The context does not explicitly mention the number of cores used.",
    "It is not mentioned in the context.",
    "This is not specified in the provided text.",
    "The number of steps is not stated in the passage.",
    "The exact number is not specified.",
    "This information is not provided.",
    "This information is not available in the context.",
    "There is no information about that in the context.",
    "There is no mention of CPU cores in the passage.",
    "No information is given about the staircase.",
    "The context contains no information on the staircase.",
    "The context provides no answer.",
    "Unknown",
    "unknown.",
    "Not specified.",
    "Not mentioned",
    "N/A",
    "The answer is unknown.",
    "It is not clear from the context.",
    "It is unclear whether the tower has steps.",
    "It is not known.",
    "The answer cannot be determined from the context.",
    "The question cannot be answered.",
    "It is impossible to say.",
    "There is not enough information to answer the question.",
    "Not enough information.",
    "Insufficient information to answer.",
    "Based on the context, I do not know.",
    "According to the context, the number of cores is not mentioned.",
    "The context does not say how many steps there are. It only mentions the height of the tower.",
    "I do not know. The passage discusses the Eiffel Tower's height.",
    "**I do not know.**",
    "I DO NOT KNOW",
    "Unfortunately, the context does not say.",
    "The paper does not state the number of cores.",
    "The authors do not disclose the number.",
    "The document does not give that detail, so I don't know.",
    "No answer.",
    "I have no idea.",
    "Unanswerable",
    "We do not have that information.",
    "The context does not include any information on that. Please provide more context.",
    "Although the context mentions the tower, it does not say how many steps it has.",
    "The question asks about the number of steps, but the context does not say.",
    '"I do not know."',
    "It isn't specified in the passage which engine was used.",
    "I'm not able to find that in the text.",
    "The source does not provide enough detail to say.",
    "The passages provided do not discuss this.",
    "Sorry, no information.",
    "It's not clear who painted it.",
    "There isn't enough information in the context.",
    "Who painted it? I don't know.",
]

ANSWER = [
    "It is not known to be toxic.",
    "Paris.",
    "It was not demolished because it served as an antenna.",
    "No, synonyms are scored as mistakes.",
    "No.",
    "The drug does not cross the blood-brain barrier.",
    "There is no information loss in a residual connection.",
    "The vaccine is not available in Europe.",
    "Patients are unable to speak after the stroke.",
    "The paper does not use dropout.",
    "The study did not find a difference.",
    "The study did not show any benefit.",
    "I don't know, but it is Paris.",
    "I do not know for sure, but the capital is Paris.",
    "The context does not say it directly. However, the tower is 324 metres tall.",
    "The tower is 324 m tall. The context does not say more.",
    "Although the context does not specify the year, the answer is 1889.",
    "Although the context does not specify the year, 1889 is likely.",
    "Unknown Pleasures by Joy Division",
    "The Tomb of the Unknown Soldier",
    "The Unknown Warrior was buried in 1920.",
    "Penicillin is not given to allergic patients.",
    "He could not tell the difference between red and green.",
    "The algorithm cannot be parallelised.",
    "The enzyme cannot be found in plants.",
    "The disease cannot be cured.",
    "None of them.",
    "It does not require labels.",
    "Nothing happens.",
    "There is no cure.",
    "No antibiotics were given.",
    "No, it is not.",
    "It has no effect on mortality.",
    "The protein is not present in healthy tissue.",
    "Not all of the patients responded.",
    "It is not clear-cut; aspirin helps.",
    "Information retrieval",
    "The mechanism involves insufficient insulin production.",
    "Data were insufficient in 12 patients and 5 were excluded.",
    "The text encoder does not share weights with the image encoder.",
    "The document encoder is not trained.",
    "Socrates said that he knew nothing.",
    "It does not have any side effects.",
    "They did not include images in the training set.",
    "Unsupervised learning",
    "The unit of electric charge is the coulomb.",
    "It is impossible to divide by zero.",
    "Uncertainty is estimated with dropout.",
    "The answer is not 5 but 7.",
    "No data augmentation was used.",
    "Insufficient sleep raises the risk.",
    "It is uncertain in 5 % of the cases.",
    "The passage was not found until 1922.",
    "The question was not settled until 1995.",
    "No mention was made until 1990 by Smith.",
    "Without information about labels, the model uses clustering.",
    "I am not aware of it, but the record says 1987.",
    "He is unable to say no.",
    "The text is not encrypted.",
    "The information bottleneck does not explain it.",
    "The committee could not agree.",
    "She did not say where the treasure was buried, so they dug at the old oak.",
    "The answer is none: the moon has no atmosphere.",
    "It is not clear water but brine.",
]


@pytest.fixture(scope="module")
def recogniser():
    return AbstentionRecogniser(Reader())


@pytest.mark.parametrize("answer", DECLINE)
def test_declines(recogniser, answer):
    assert recogniser.abstains(answer, QUESTION)
    assert recogniser.abstains(answer.upper(), QUESTION)


@pytest.mark.parametrize("answer", ANSWER)
def test_answers(recogniser, answer):
    assert not recogniser.abstains(answer, QUESTION)


@pytest.mark.parametrize("answer", ["", "   ", "?!", "1889"])
def test_nothing_said_is_no_abstention(recogniser, answer):
    assert not recogniser.abstains(answer, QUESTION)


def test_an_echo_of_the_question_is_no_answer(recogniser):
    answer = "The staircase of the Eiffel Tower. I do not know."
    assert recogniser.abstains(answer, QUESTION)
    assert not recogniser.abstains(answer, "Which monument is it?")


def test_an_answer_beside_an_abstention_counts(recogniser):
    for answer in ("{} It has 1,665 steps.", "It has 1,665 steps. {}", "{} But it has 1,665."):
        for decline in ("I do not know.", "The context does not say."):
            assert not recogniser.abstains(answer.format(decline), QUESTION)
