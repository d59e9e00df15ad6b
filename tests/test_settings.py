"""Settings: documented to the letter, and refused where they would be unsafe."""

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from sharecare.config import Settings

TABLE = Path(__file__).parents[1] / "docs" / "settings.md"


def _shown(default: object) -> str:
    return "–" if default is None else f"`{default}`"


def test_the_table_names_every_setting_with_its_default_and_meaning() -> None:
    rows = [
        f"| `SHARECARE_{name.upper()}` | {_shown(field.default)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    assert [line for line in TABLE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")] == rows


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValidationError):
        Settings(secret_key=SecretStr("too short"))


@pytest.mark.parametrize("proxies", ["*", "0.0.0.0/0", "::/0", "proxy.example.jp", "127.0.0.1 10.0.0.1", "10.0.0.1/8"])
def test_proxies_are_named_one_by_one_or_by_their_networks(proxies: str) -> None:
    with pytest.raises(ValidationError):
        Settings(trusted_proxies=proxies)


def test_production_demands_a_key(tmp_path: Path) -> None:
    settings = Settings(environment="production", database_url=f"sqlite:///{tmp_path}/x.db")
    with pytest.raises(ValueError, match="SHARECARE_SECRET_KEY"):
        _ = settings.signing_key


def test_the_embedded_default_makes_a_key_once_beside_the_database(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/x.db"
    first = Settings(database_url=url).signing_key
    assert Settings(database_url=url).signing_key == first
    assert len(first) == 64
    assert (tmp_path / "x.key").stat().st_mode & 0o777 == 0o600
