"""The semantic judge: sentence embeddings and a trained answer-equivalence model."""
