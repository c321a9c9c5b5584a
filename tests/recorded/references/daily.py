"""Flows and forecasts: what is made again of a generated market, on what was recorded of this one."""

from __future__ import annotations

from tests.end_to_end.whole_nights import Place
from tests.proofs import again


def check_netflow_z(place: Place) -> None:
    """Ether and others over all exchanges together."""
    again.netflow_z(place.warehouse)


def check_forecast_base_rates(place: Place) -> None:
    """Targets of the patterns of the Russell 2000."""
    again.base_rates(place.warehouse)
