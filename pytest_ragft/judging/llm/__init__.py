"""Judges that ask a language model: over HTTP, through deepeval, or in this process."""
