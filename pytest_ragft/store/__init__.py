"""Content fingerprints and the store that keeps hits, answers and scores under them."""

from pytest_ragft.store.entries import CacheMode, Store
from pytest_ragft.store.fingerprints import fingerprint

__all__ = ["CacheMode", "Store", "fingerprint"]
