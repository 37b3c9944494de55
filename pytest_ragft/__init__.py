"""Gate a fine-tuned language model in its RAG pipeline: did accuracy or completeness get worse?"""
