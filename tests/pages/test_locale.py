"""Page wording: every key in both languages, every key that a template asks for, none left over."""

from __future__ import annotations

import re
from pathlib import Path

from api.pages.rendering import LOCALE, environment, words
from geo.checks.scene import FIELDS
from geo.terms import Role, Severity, SubmissionState, Verdict
from maps.difference_map import KINDS
from maps.words import WORDS

TEMPLATES = Path(LOCALE).parents[1] / "pages" / "templates"
SOURCES = [*TEMPLATES.glob("*.html"), *TEMPLATES.parent.glob("*.py")]
#: Keys that are put together from a value, by the part that stands in the template.
MADE = {
    "state_": [s.value for s in SubmissionState],
    "verdict_": [v.value for v in Verdict],
    "role_": ["lines", "markers", "tripoints", "polygons", "none"],
    "profile_": ["township", "generic"],
    "normalised_": [
        "repeated_vertices",
        "rings_turned",
        "parts_reordered",
        "heights_dropped",
        "deleted_rows",
    ],
    "step_": ["reading", "checking", "waiting"],
    "source_": ["declared", "given", "guessed", "none"],
    "level_": ["township", "county"],
    "field_": sorted({name for names in FIELDS.values() for name in names}),
    "registry_lacks_": ["meaning", "position", "reading"],
    "registry_field_": ["unit_code", "readings", "sources", "pictures", "facts", "importance", "position"],
    "protection_did_": ["create", "propose", "amend"],
    "name_": [
        *(verdict + part for verdict in ("fits", "doubtful", "refused") for part in ("", "_text")),
        *(f"is_{severity.value}" for severity in Severity),
    ],
    "place_text_": ["meaning", "origin", "history", "description"],
    "place_fact_": [
        *("alias", "short", "minority_writing", "language", "map_name", "committee", "named_on", "founded"),
        *("abolished", "elevation_m", "area_m2", "length_m", "population", "other_code"),
    ],
    "words_": ["error", "warning", "info", "off", "anywhere", "whole"],
    "markers_": ["added", "moved", "removed"],
    "ni_state_": ["received", "running", "done", "failed"],
    "ni_count_": [
        "rows",
        "new",
        "changed",
        "unchanged",
        "refused",
        "renamed",
        "other_names",
        "uncertain_readings",
        "spelled_otherwise",
    ],
    "case_field_": [
        "until",
        "opens",
        "closes",
        "date",
        "applied",
        "late_because",
        "how",
        "body",
        "number",
        "reference",
        "title",
    ],
    "case_comment_": ["received", "shown", "hidden"],
    "case_items_": ["papers", "bodies"],
    "an_was_": ["correction", "withdrawal"],
    "an_of_": ["correction", "withdrawal"],
    "an_field_": ["romanization", "unit", "position", "category", "former", "approved_by", "document"],
    "done_": [
        "saved",
        "submitted",
        "commented",
        "accepted",
        "returned",
        "recheck",
        "resubmitted",
        "step",
        "protection",
        "registry",
        "words",
        "report",
        "answered",
        "password",
        "session",
        "user",
        "claim",
        "claim_decided",
        "announced",
    ],
}


def asked() -> set[str]:
    text = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    plain = set(re.findall(r"\bt\(\s*[\"']([\w-]+)[\"']\s*[,)]", text))
    plain |= set(re.findall(r"words\(\)\[\"(\w+)\"\]", text))
    made = {prefix + value for prefix, values in MADE.items() for value in values}
    severities = {s.value for s in Severity} | {f"{s.value}s" for s in Severity}
    return plain | made | severities


def test_both_languages() -> None:
    for key, text in words().items():
        assert text.zh.strip() and text.en.strip(), key
        if key not in ("language", "language_label"):
            assert re.search(r"[一-鿿]", text.zh) or key == "from_to", key
            assert not re.search(r"[一-鿿]", text.en), key
        assert sorted(re.findall(r"{\w+}", text.zh)) == sorted(re.findall(r"{\w+}", text.en)), key


def test_every_key_asked_for_is_there() -> None:
    assert asked() <= set(words()), sorted(asked() - set(words()))


def test_no_key_is_left_over() -> None:
    assert set(words()) <= asked(), sorted(set(words()) - asked())


def test_the_maps_words_have_both_languages_and_are_used() -> None:
    used = "\n".join(p.read_text(encoding="utf-8") for p in (TEMPLATES.parents[2] / "maps").glob("*.py"))
    made = {r.value for r in Role} | set(KINDS) | {s.value for s in Severity}
    for key, text in WORDS.items():
        assert text.zh and text.en and not re.search(r"[一-鿿]", text.en), key
        assert key in made or used.count(f'"{key}"') > 1, f"{key} is left over"


def test_templates_escape_and_refuse_undefined_values() -> None:
    made = environment()
    assert made.autoescape is True
    assert made.from_string("{{ x }}").render(x="<b>") == "&lt;b&gt;"
    for path in TEMPLATES.glob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert "|safe" not in text.replace(" ", "") and " style=" not in text and " onclick=" not in text
        assert not re.search(r"<script(?![^>]*\ssrc=)", text), "an inline script"
