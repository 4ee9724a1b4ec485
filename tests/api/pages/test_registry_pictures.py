"""登记簿的图片: what a registrar puts beside a name is seen by everybody, so it is looked at as materials are."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from api.acts import edit_register
from geo.store import search_forms
from geo.terms import UserRole
from tests import builders as b

GPS = 34853  # the directory of EXIF in which a camera writes where it stood


def photograph(size: tuple[int, int] = (60, 40), noise: bool = False) -> bytes:
    """A JPEG as a telephone makes it: with the position of the one who took it."""
    picture = Image.effect_noise(size, 90).convert("RGB") if noise else Image.new("RGB", size, (40, 120, 60))
    exif = picture.getexif()
    exif.get_ifd(GPS).update({1: "N", 2: (29.0, 43.0, 12.3), 3: "E", 4: (106.0, 36.0, 45.6)})
    exif[271] = "MAKER-OF-THE-CAMERA"
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif, quality=95)
    return out.getvalue()


@pytest.fixture
def name(committed: Any) -> Any:
    made = b.place_name(committed, b.person(committed).id, "照相坝", point=(106.6, 29.8))
    search_forms.refresh(committed, [made.number])
    committed.commit()
    return made


def put(client: Any, name: Any, data: bytes, filename: str = "村口.jpg") -> Any:
    form = {
        "csrf": client.headers["X-CSRF-Token"], "version": str(name.id), "reason": "加图",
        "picture_caption": "村口", "picture_licence": "CC BY 4.0",
    }  # fmt: skip
    return client.post(
        f"/registry/{name.number}", data=form, files={"picture": (filename, data)}, follow_redirects=False
    )


def test_a_photograph_is_published_without_what_the_camera_wrote(
    client: Any, login_as: Callable[..., Any], name: Any, committed: Any
) -> None:
    sent = photograph()
    assert b"Exif" in sent and b"MAKER-OF-THE-CAMERA" in sent
    answer = put(login_as(UserRole.REGISTRAR), name, sent)
    assert answer.status_code == 303, answer.text[:400]
    committed.expire_all()
    (kept,) = edit_register.current(committed, name.number).pictures
    shown = client.get(f"/places/{name.place_id}/pictures/{kept['sha256']}")
    assert shown.status_code == 200 and shown.headers["content-type"] == "image/jpeg"
    assert b"Exif" not in shown.content and b"MAKER" not in shown.content
    assert Image.open(io.BytesIO(shown.content)).size == (60, 40)


def test_a_picture_of_megabytes_is_taken(login_as: Callable[..., Any], name: Any) -> None:
    large = photograph((1800, 1400), noise=True)
    assert len(large) > 1_200_000
    assert put(login_as(UserRole.REGISTRAR), name, large).status_code == 303


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "空"),
        (b"\xff\xd8\xff no picture at all", "损坏"),
        (b"%PDF-1.7\n", ""),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "不接收"),
    ],
)
def test_what_is_no_picture_changes_nothing_and_is_said(
    login_as: Callable[..., Any], name: Any, data: bytes, said: str
) -> None:
    registrar = login_as(UserRole.REGISTRAR)
    answer = put(registrar, name, data)
    assert answer.status_code == 422 and 'role="alert"' in answer.text and said in answer.text
    assert put(registrar, name, photograph()).status_code == 303, "the version is the same as before"
