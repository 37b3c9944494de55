"""Whether fine-tuning helps a small model's RAG pipeline: biomedical and open-domain questions."""
