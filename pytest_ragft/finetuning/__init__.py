"""`ragft finetune`: question sets to training pairs, a lint, a training, a model with its card."""
