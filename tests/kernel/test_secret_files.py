"""Secrets from files: every secret may come from one, a line break at its end is none of it, and no fault shows what it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from kernel.settings import Settings, SettingsRefused, load, secret_variables

SECRET = "k3y-of-more-than-thirty-two-characters"
PAGE = Path(__file__).resolve().parents[2] / "docs" / "configuration.md"


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_a_secret_is_what_its_file_says_without_the_line_break(ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_bytes((SECRET + ending).encode())
    monkeypatch.setenv("SAYSO_SECRET_KEY_FILE", str(tmp_path / "key"))
    assert load().secret == SECRET.encode()


def test_blanks_and_inner_lines_belong_to_the_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_text(" two\nlines \n\n")
    monkeypatch.setenv("TWILIO_AUTH_TOKEN_FILE", str(tmp_path / "key"))
    assert load().twilio_auth_token.get_secret_value() == " two\nlines \n"


def test_every_secret_may_come_from_a_file_and_the_page_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = secret_variables()
    typed = [field for field in Settings.model_fields.values() if field.annotation in (SecretStr, SecretStr | None)]
    assert len(names) == len(typed) + 2
    held = {name: f"value-of-{name}" for name in names} | {"SAYSO_DATABASE_URL": "postgresql://held/db", "SAYSO_REDIS_URL": "redis://held"}
    for name in names:
        (tmp_path / name).write_text(f"{held[name]}\n")
        monkeypatch.setenv(f"{name}_FILE", str(tmp_path / name))
    loaded = load()
    told = PAGE.read_text().partition("## Secrets from files")[2].partition("\n## ")[0]
    for name in names:
        (field,) = [key for key, known in Settings.model_fields.items() if name in getattr(known.validation_alias, "choices", ())]
        value = getattr(loaded, field)
        assert (value.get_secret_value() if isinstance(value, SecretStr) else value) == held[name]
        assert f"`{name}`" in told, f"docs/configuration.md does not say that {name} may come from a file"


def test_an_empty_variable_leaves_the_word_to_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_text(SECRET)
    monkeypatch.setenv("SAYSO_SECRET_KEY", "")
    monkeypatch.setenv("SAYSO_SECRET_KEY_FILE", str(tmp_path / "key"))
    assert load().secret == SECRET.encode()


def test_a_fault_names_the_variable_and_shows_nothing_of_the_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, content in {"empty": b"\n", "binary": b"\xff\xfe" + SECRET.encode(), "long": SECRET.encode() * 2000}.items():
        (tmp_path / name).write_bytes(content)
    # A secret where its file's path belongs is an easy mistake, and must not end in a log.
    for path in (tmp_path / "absent", tmp_path, *(tmp_path / name for name in ("empty", "binary", "long")), SECRET, SECRET * 200):
        monkeypatch.setenv("SAYSO_SECRET_KEY_FILE", str(path))
        with pytest.raises(SettingsRefused, match=r"^SAYSO_SECRET_KEY_FILE names a file that") as refused:
            load()
        assert SECRET not in str(refused.value)
        assert str(tmp_path) not in str(refused.value)
        assert refused.value.__cause__ is None


def test_two_words_for_one_secret_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_text(SECRET)
    monkeypatch.setenv("SAYSO_SECRET_KEY", SECRET)
    monkeypatch.setenv("SAYSO_SECRET_KEY_FILE", str(tmp_path / "key"))
    with pytest.raises(SettingsRefused, match="are both set"):
        load()
