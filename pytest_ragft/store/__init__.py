"""Content fingerprints and the store that keeps hits, answers and scores under them."""

from pytest_ragft.store.entries import CacheMode, Store
from pytest_ragft.store.fingerprints import fingerprint
from pytest_ragft.store.latest import Latest

__all__ = ["CacheMode", "Latest", "Store", "fingerprint"]
