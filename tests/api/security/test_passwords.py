"""What a password must not be, and how it is kept."""

from __future__ import annotations

import unicodedata

import pytest

from api.security import passwords
from api.security.passwords import WeakPassword


@pytest.mark.parametrize(
    "weak",
    [
        "short", "elevenchars", "a" * 129, "aaaaaaaaaaaa", "123456789012", "abcdefghijklm", "zyxwvutsrqpon",
        "password2024!", "Password123456", "P@ssw0rd2024!!", "woaini13145201314", "qwertyuiopasdfghjkl",
        "yubei500112500112", "passwordpassword", "admin-admin-2024", "zhangwei-2024", "ababababab12",
    ],
)  # fmt: skip
def test_weak_ones_are_refused(weak):
    with pytest.raises(WeakPassword) as refused:
        passwords.judge(weak, login="zhangwei", name="张伟")
    assert refused.value.text.zh and refused.value.text.en


@pytest.mark.parametrize(
    "good", ["铁山坪的云雾-2024年", "twelve chars", "correct staple horse", "K7#mQ2-vT9$x"]
)
def test_good_ones_pass(good):
    passwords.judge(good, login="zhangwei", name="张伟")


def test_argon2id_with_its_costs(monkeypatch):
    monkeypatch.setattr(passwords, "HASHER", passwords.hasher())
    hashed = passwords.hash_of("铁山坪的云雾-2024年")
    assert hashed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert hashed != passwords.hash_of("铁山坪的云雾-2024年"), "salted"
    assert passwords.fits(hashed, "铁山坪的云雾-2024年")
    assert not passwords.fits(hashed, "铁山坪的云雾-2025")
    assert not passwords.fits(None, "铁山坪的云雾-2024年")
    assert not passwords.fits("!", "铁山坪的云雾-2024年")
    assert not passwords.outdated(hashed)


def test_one_password_however_it_is_composed():
    text = "Zürich-Überlingen"
    hashed = passwords.hash_of(unicodedata.normalize("NFD", text))
    assert passwords.fits(hashed, unicodedata.normalize("NFC", text))
