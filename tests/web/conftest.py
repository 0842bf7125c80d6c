"""An orchard after its season, served over real HTTP."""

from __future__ import annotations

from tests.orchard import grown, orchard
from tests.served import reading_site, site

__all__ = ["grown", "orchard", "reading_site", "site"]
