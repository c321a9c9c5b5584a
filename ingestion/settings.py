"""Where the home lies and where each provider answers; secrets come from the environment only.

Belongs here: values a user may set. Rate limits and windows of one provider belong to its source.
"""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any, Self

from pydantic import Field, ModelWrapValidatorHandler, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from ingestion.errors import SettingsError


class _Settings(BaseSettings):
    """Raises `SettingsError` for a variable that cannot be read, naming it."""

    @model_validator(mode="wrap")
    @classmethod
    def _name_what_is_wrong(cls, values: Any, read: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            return read(values)
        except ValidationError as error:
            wrong = error.errors()[0]
            name = f"{cls.model_config.get('env_prefix', '')}{wrong['loc'][0]}".upper()
            said = wrong["msg"][:1].lower() + wrong["msg"][1:]
            raise SettingsError(f"{name} is '{wrong['input']}': {said}; correct it, or leave it out") from error


class ProviderUrls(_Settings):
    """Base URLs; each is overridden by `ROTATION_<PROVIDER>_URL`."""

    model_config = SettingsConfigDict(env_prefix="ROTATION_", env_ignore_empty=True)

    yahoo_url: str = "https://query2.finance.yahoo.com"
    cboe_url: str = "https://cdn.cboe.com/api/global"
    nasdaq_url: str = "https://api.nasdaq.com/api"
    fred_url: str = "https://fred.stlouisfed.org"
    binance_vision_url: str = "https://s3-ap-northeast-1.amazonaws.com/data.binance.vision"
    binance_futures_url: str = "https://fapi.binance.com"
    binance_reserves_url: str = "https://www.binance.com"
    bybit_url: str = "https://api.bybit.com"
    okx_url: str = "https://www.okx.com"
    coinmetrics_url: str = "https://community-api.coinmetrics.io/v4"
    coingecko_url: str = "https://api.coingecko.com/api/v3"
    coinmarketcap_url: str = "https://api.coinmarketcap.com"
    ethereum_url: str = "https://gateway.tenderly.co/public/mainnet"
    blockscout_url: str = "https://eth.blockscout.com"
    cryptoquant_url: str = "https://api.cryptoquant.com/v1"
    glassnode_url: str = "https://api.glassnode.com/v1/metrics"


class Switches(_Settings):
    """What is off unless asked for, and what a user's own node allows."""

    model_config = SettingsConfigDict(env_prefix="ROTATION_", env_ignore_empty=True)

    coinmarketcap_enabled: bool = False
    ethereum_max_blocks: int = Field(default=10_000, ge=50, description="largest block range of one eth_getLogs call")

    @property
    def enabled(self) -> frozenset[str]:
        """The opt-in providers that are on."""
        return frozenset({"coinmarketcap"} if self.coinmarketcap_enabled else ())


def requests_per_second(provider: str, published: float) -> float:
    """The pace of a provider: what its terms publish, unless ROTATION_<PROVIDER>_PER_SECOND says otherwise.

    Raises `SettingsError` for anything but a number above zero.
    """
    name = f"ROTATION_{provider.upper()}_PER_SECOND"
    text = os.environ.get(name, "").strip()
    if not text:
        return published
    try:
        wanted = float(text)
    except ValueError:
        wanted = math.nan
    if not (math.isfinite(wanted) and wanted > 0):
        raise SettingsError(f"{name} is '{text}': give the requests a second as a number above 0, or leave it out")
    return wanted


# More than this is no date any more when it is taken off today.
_CENTURY_DAYS = 36_500


class Retention(_Settings):
    """How much is kept (`ROTATION_KEEP_<NAME>`)."""

    model_config = SettingsConfigDict(env_prefix="ROTATION_KEEP_", env_ignore_empty=True)

    versions: int = Field(default=7, ge=1, description="publications kept whole, to go back to")
    run_days: int = Field(default=14, ge=1, le=_CENTURY_DAYS, description="days that Dagster's record of a run is kept")
    result_days: int = Field(
        default=365,
        ge=1,
        le=_CENTURY_DAYS,
        description="days that results of the gates are kept; the last 30 nights stay whatever their age",
    )
    landing_days: int | None = Field(
        default=None,
        ge=1,
        le=_CENTURY_DAYS,
        description="days that landed answers are kept after they came; unset: for ever, so raw can be rebuilt",
    )


class Alerts(_Settings):
    """Who is told when a night fails (`ROTATION_ALERT_<NAME>`)."""

    model_config = SettingsConfigDict(env_prefix="ROTATION_ALERT_", env_ignore_empty=True)

    webhook_url: SecretStr | None = Field(default=None, description="gets a message when a night fails")


def api_key(provider: str) -> str | None:
    """The key of a provider from `<PROVIDER>_API_KEY`; None when there is none. It goes into headers and nowhere else.

    Raises `SettingsError`, without the value, for what no header can carry.
    """
    name = f"{provider.upper()}_API_KEY"
    text = os.environ.get(name, "").strip()
    if not all("!" <= character <= "~" for character in text):
        raise SettingsError(f"{name} holds spaces or characters that no key has: copy the key again")
    return text or None


class Home(_Settings):
    """The folder that holds all state (`ROTATION_HOME`, default `./data`)."""

    model_config = SettingsConfigDict(env_prefix="ROTATION_", env_ignore_empty=True)

    home: Path = Field(default=Path("data"))

    @property
    def landing(self) -> Path:
        return self.home / "landing"

    @property
    def warehouse(self) -> Path:
        return self.home / "warehouse.duckdb"

    @property
    def inbox(self) -> Path:
        return self.home / "inbox"

    @property
    def published(self) -> Path:
        return self.home / "published"

    @property
    def docs(self) -> Path:
        return self.home / "docs"

    def prepare(self) -> None:
        """Create the home and prove that it can be written."""
        probe = self.home / ".write-probe"
        try:
            self.landing.mkdir(parents=True, exist_ok=True)
            self.inbox.mkdir(exist_ok=True)
            probe.write_bytes(b"")
            probe.unlink()
        except OSError as error:
            raise SettingsError(
                f"the home {self.home} cannot be written ({error.strerror}): set ROTATION_HOME to a writable folder"
            ) from error


def read_settings() -> None:
    """Raises `SettingsError` for the first variable that cannot be read: a night learns of it before it begins, and not
    from the stage that needs it."""
    for settings in (ProviderUrls, Switches, Retention, Alerts):
        settings()
    for field in ProviderUrls.model_fields:
        provider = field.removesuffix("_url")
        requests_per_second(provider, published=1.0)
        api_key(provider)
