"""Content fingerprints and the store that keeps hits, answers and scores under them."""

from pytest_ragft.store.entries import CacheMode, Latest, Store
from pytest_ragft.store.fingerprints import fingerprint

__all__ = ["CacheMode", "Latest", "Store", "fingerprint"]
