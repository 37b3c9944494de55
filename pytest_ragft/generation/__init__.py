"""Generation: the port, models (transformers, peft) and recorded answers."""
