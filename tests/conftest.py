"""What holds for all tests: a property is not refuted by a machine that others keep busy."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile("beside a load", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("beside a load")
