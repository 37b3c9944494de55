"""How models were fitted, and what was measured on real data."""

from __future__ import annotations

import os
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
CACHE = Path(os.environ.get("RAGFT_STUDY_CACHE") or _ROOT / ".cache")
"""Where windows, log odds and vectors are kept between runs."""
ENCODER = _ROOT / ".cache" / "models" / "all-MiniLM-L6-v2"
