"""Letters: in the customer's language, from the shop's own templates, and nothing in them is more than text."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from tests.letters.shop import BENEFITS, CATALOGUE, letters, payload, program
from vip_rules.cli.main import main
from vip_rules.letters.examples import examples
from vip_rules.letters.languages import BUILT_IN, UnknownLanguage, candidates
from vip_rules.letters.letter import InvalidTemplate
from vip_rules.letters.templates import built_in
from vip_rules.program.messages import OCCASIONS

WELCOME = {"tier_name": "Gold", "former_name": None, "benefits": list(BENEFITS)}
SPEND = {
    "metric": "spend[12 months]",
    "figure": "1742.80",
    "at_least": "2000.00",
    "gap": "257.20",
    "by": "2027-03-14",
    "unit": "money",
}


def own(folder: Path, **files: str) -> Path:
    """A folder of templates: `demotion_ko` is demotion.ko.txt."""
    for name, text in files.items():
        *words, language = name.split("__")
        stem = f"{'_'.join(words)}.{language}" if words else language
        (folder / f"{stem}.txt").write_text(text, "utf-8")
    return folder


# What comes along


@pytest.mark.parametrize("language", BUILT_IN)
@pytest.mark.parametrize("occasion", OCCASIONS)
def test_every_occasion_is_written_about_in_every_language(occasion: str, language: str) -> None:
    source = built_in(occasion, language)
    writer = letters(shop="Atelier")
    for example in examples(occasion, program()):
        letter = writer.write({**example, "template": occasion, "language": language})
        assert letter.language == language
        assert "None" not in letter.subject + letter.text
        assert "\n\n\n" not in letter.text
        assert "Gold" in letter.subject + letter.text
        assert letter.subject
        assert "Atelier" in letter.text.splitlines()[-1]
    assert source.language == language


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (
            "en",
            [
                "- 12.5% discount, together with other product and shipping discounts",
                "- Free next-day shipping",
                "- 48 hours of early access to new products",
                "- $25 store credit on your birthday",
                "- Products for members only",
                "- Pre-order of announced products",
                "- EAU as a gift with your purchase",
                "- Priority support, with an answer within 2 hours",
                "- Invitations to virtual events",
                "- 90 days",
            ],
        ),
        (
            "ko",
            [
                "- 12.5% 할인 (상품·배송 할인과 함께 적용 가능)",
                "- 무료 익일 배송",
                "- 신상품 48시간 먼저 만나보기",
                "- 생일에 US$25 적립금",
                "- 회원 전용 상품",
                "- 출시 예정 상품 사전 주문",
                "- 구매 시 증정하는 선물: EAU",
                "- 우선 고객 상담 (2시간 이내 답변)",
                "- 온라인 행사 초대",
                "- 90 days",
            ],
        ),
        (
            "id",
            [
                "- Diskon 12,5%, dapat digabung dengan diskon produk dan pengiriman",
                "- Gratis ongkos kirim sehari sampai",
                "- Akses awal 48 jam ke produk baru",
                "- Kredit belanja US$25 pada hari ulang tahun Anda",
                "- Produk khusus anggota",
                "- Prapesan untuk produk yang akan datang",
                "- EAU sebagai hadiah pembelian",
                "- Layanan pelanggan prioritas, dengan jawaban dalam 2 jam",
                "- Undangan ke acara virtual",
                "- 90 days",
            ],
        ),
        (
            "zh",
            [
                "- 12.5%的折扣优惠（可与商品、运费优惠叠加）",
                "- 免费次日达配送",
                "- 提前48小时选购新品",
                "- 生日当天赠送US$25购物金",
                "- 会员专享商品",
                "- 新品预购",
                "- 购物赠礼：EAU",
                "- 优先客服（2小时内答复）",
                "- 线上活动邀请",
                "- 90 days",
            ],
        ),
    ],
)
def test_benefits_are_said_in_the_language(language: str, lines: list[str]) -> None:
    letter = letters().write(payload("welcome", WELCOME, language=language))
    assert [line for line in letter.text.splitlines() if line.startswith("- ")] == lines


@pytest.mark.parametrize(
    ("language", "currency", "subject", "step"),
    [
        (
            "en",
            "USD",
            "Only $257.20 to Gold",
            (
                "Spend $257.20 more by March 14, 2027",
                "(spend in the last 12 months: $1,742.80; at least $2,000 needed)",
            ),
        ),
        (
            "en-GB",
            "KWD",
            "Only KWD\xa0257.200 to Gold",
            (
                "Spend KWD 257.200 more by 14 March 2027",
                "(spend in the last 12 months: KWD 1,742.800; at least KWD 2,000 needed)",
            ),
        ),
        (
            "ko-KR",
            "USD",
            "Gold 등급까지 US$257.20 남았습니다",
            (
                "2027년 3월 14일까지 US$257.20 추가 구매",
                "(최근 12개월 구매 금액: 현재 US$1,742.80, 기준 US$2,000 이상)",
            ),
        ),
        (
            "in_ID",
            "USD",
            "Tinggal US$257,20 lagi menuju Gold",
            (
                "Belanja US$257,20 lagi paling lambat 14 Maret 2027",
                "(total belanja dalam 12 bulan terakhir: saat ini US$1.742,80, diperlukan minimal US$2.000)",
            ),
        ),
        (
            "zh_CN",
            "CNY",
            "再消费¥257.20，即可升级为Gold会员",
            ("于2027年3月14日（含）前再消费¥257.20（近12个月消费金额：目前¥1,742.80，需至少¥2,000）",),
        ),
    ],
)
def test_what_is_missing_is_said_with_the_languages_money_and_days(
    language: str, currency: str, subject: str, step: tuple[str, ...]
) -> None:
    data = {
        "tier_name": "Silver",
        "next": "gold",
        "next_name": "Gold",
        "missing": [SPEND],
        "amount": "257.20",
    }
    letter = letters(currency=currency).write(
        payload("near_next_tier", data, tier="silver", language=language)
    )
    assert letter.subject == subject
    assert "- " + " ".join(step) in letter.text.replace("\xa0", " ").splitlines()


def test_a_message_of_an_earlier_version_is_written_with_what_it_has() -> None:
    letter = letters().write(payload("promotion"))
    assert letter.subject == "You are Gold now"
    gone = letters().write(payload("demotion", tier=None, language="ko"))
    assert "None" not in gone.text
    warning = {"until": "2027-03-14", "then": "silver", "keep": [{k: SPEND[k] for k in SPEND if k != "unit"}]}
    assert "valid through March 14, 2027" in letters().write(payload("demotion_warning", warning)).text


def test_an_html_part_has_the_same_paragraphs_and_lists() -> None:
    letter = letters(shop="Atelier").write(payload("welcome", WELCOME, language="id"))
    assert letter.html.startswith('<!DOCTYPE html>\n<html lang="id">')
    assert "<li>Diskon 12,5%" in letter.html
    assert letter.html.count("<li>") == len(BENEFITS)
    assert "<p>Hormat kami,<br>\nAtelier</p>" in letter.html


# Which language


@pytest.mark.parametrize(
    ("wished", "default", "language"),
    [
        ("ko", "en", "ko"),
        ("ko-KR", "en", "ko"),
        ("KO_kr", "en", "ko"),
        ("zh", "en", "zh"),
        ("zh-Hans-CN", "en", "zh"),
        ("zh_TW", "en", "zh"),
        ("in", "en", "id"),
        ("id-ID", "en", "id"),
        ("ko_KR.UTF-8", "en", "ko"),
        ("fr", "en", "en"),
        ("fr", "ko-KR", "ko"),
        (None, "id", "id"),
        ("", "id", "id"),
        ("klingon!", "zh", "zh"),
        ("fr", "de", "en"),
        ("../../etc/passwd", "en", "en"),
    ],
)
def test_the_customers_language_is_taken_then_the_shops_then_english(
    wished: str | None, default: str, language: str
) -> None:
    letter = letters(language=default).write(payload("demotion", {"former_name": "Gold"}, language=wished))
    assert letter.language == language
    assert (
        letter.text == letters().write(payload("demotion", {"former_name": "Gold"}, language=language)).text
    )


@pytest.mark.parametrize(
    ("tag", "tags"),
    [
        ("ko_KR", ["ko-kr", "ko-kore", "ko"]),
        ("zh-TW", ["zh-tw", "zh-hant", "zh"]),
        ("zh-CN", ["zh-cn", "zh-hans", "zh"]),
        ("zh-Hant-HK", ["zh-hant-hk", "zh-hant", "zh"]),
        ("zh", ["zh", "zh-hans"]),
        ("in", ["id", "id-latn"]),
        ("xx-YY", ["xx-yy", "xx"]),
        ("", []),
        (None, []),
    ],
)
def test_a_tag_is_looked_for_from_its_whole_to_its_language(tag: str | None, tags: list[str]) -> None:
    assert list(candidates(tag)) == tags


def test_a_template_of_a_script_is_for_those_who_read_it(tmp_path: Path) -> None:
    for language in ("zh-Hant", "zh-Hans"):
        (tmp_path / f"demotion.{language}.txt").write_text(f"Subject: {language}\n\n.\n", "utf-8")
    writer = letters(tmp_path)
    asked = {
        tag: writer.write(payload("demotion", language=tag)) for tag in ("zh_TW", "zh-CN", "zh", "zh-HK")
    }
    assert {tag: letter.subject for tag, letter in asked.items()} == {
        "zh_TW": "zh-Hant",
        "zh-CN": "zh-Hans",
        "zh": "zh-Hans",
        "zh-HK": "zh-Hant",
    }


@pytest.mark.parametrize("language", ["klingon", "xx", "", "e"])
def test_a_shops_language_has_to_be_one(language: str) -> None:
    with pytest.raises(UnknownLanguage, match="expected a tag such as en, ko, id or zh-Hans"):
        letters(language=language)


# A shop's own templates


def test_a_shops_own_template_takes_the_place_of_the_one_that_comes_along(tmp_path: Path) -> None:
    own(tmp_path, demotion__ko="Subject: {{ former_name }} 안내\n\n고객님께,\n{{ shop }}\n")
    writer = letters(tmp_path, shop="아틀리에")
    letter = writer.write(payload("demotion", {"former_name": "Gold"}, language="ko-KR"))
    assert (letter.subject, letter.text) == ("Gold 안내", "고객님께,\n아틀리에\n")
    assert writer.write(payload("demotion", {}, language="en")).subject == "Your status has changed"
    writer.check()


def test_a_programs_name_without_a_file_is_written_from_the_occasions(tmp_path: Path) -> None:
    data = {"next": "gold", "next_name": "Gold", "missing": []}
    asked = payload("near_next_tier", data, template="almost-there", language="ko")
    assert "Gold 등급까지" in letters().write(asked).subject
    (tmp_path / "near_next_tier.txt").write_text("Subject: By occasion\n\n.\n", "utf-8")
    assert letters(tmp_path).write(asked).subject == "By occasion"
    (tmp_path / "almost-there.txt").write_text("Subject: By name\n\n.\n", "utf-8")
    assert letters(tmp_path).write(asked).subject == "By name"
    (tmp_path / "almost-there.ko.txt").write_text("Subject: 이름\n\n.\n", "utf-8")
    assert letters(tmp_path).write(asked).subject == "이름"


def test_a_file_without_a_language_is_in_the_shops(tmp_path: Path) -> None:
    text = "Subject: Attention\n\nVoilà, {{ 1234 | number }}.\n"
    own(tmp_path, demotion=text)
    letter = letters(tmp_path, language="fr").write(payload("demotion", {}, language="ko"))
    assert (letter.language, letter.text) == ("fr", "Voilà, 1\u202f234.\n")


def test_a_template_may_include_others_of_its_folder_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "footer.part").write_text("With love, {{ shop }}", "utf-8")
    (tmp_path / "secret.txt").write_text("canary", "utf-8")
    own(folder, demotion='Subject: x\n\n{% include "footer.part" %}\n')
    letter = letters(folder, shop="Atelier").write(payload("demotion"))
    assert letter.text == "With love, Atelier\n"
    own(folder, demotion='Subject: x\n\n{% include "../secret.txt" %}\n')
    with pytest.raises(InvalidTemplate, match=r"demotion\.txt:3: "):
        letters(folder).check()


def test_every_template_that_is_in_use_is_tried_before_anything_is_sent(tmp_path: Path) -> None:
    messages = ({"on": "promotion", "template": "up"},)
    own(
        tmp_path, up="Subject: x\n\n{{ nothing }}\n", up__ko="Subject: x\n\n\n{% if %}\n", draft="no template"
    )
    (tmp_path / "demotion.xx.txt").write_text("Subject: x\n\nx\n", "utf-8")
    with pytest.raises(InvalidTemplate) as refused:
        letters(tmp_path, messages=messages).check()
    said = str(refused.value)
    assert (
        f"{tmp_path / 'up.txt'}:3: 'nothing' is undefined; a template may speak of amount, benefits, " in said
    )
    assert f"{tmp_path / 'up.ko.txt'}:4: Expected an expression" in said
    assert f"{tmp_path / 'demotion.xx.txt'}: 'xx' names no language" in said
    assert "draft" not in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ":1: a template begins with a line"),
        ("Hello\n\nx", ":1: a template begins with a line"),
        ("Subject:\n\nx", ":1: a template begins with a line"),
        ("Subject: x\nx\n", ":1: a template begins with a line"),
        ("Subject: {{ x }}\n\nx\n", ":1: 'x' is undefined"),
        ("Subject: x\n\n\n{{ until | date }}\n", ":4: expected a day such as 2026-03-14, and found nothing"),
        ("Subject: x\n\n{{ 'x' | money }}\n", ":3: expected a number such as 19.99, and found another str"),
        ("Subject: x\n\n{{ 1 / 0 }}\n", ":3: ZeroDivisionError"),
        ("Subject: x\n\n{{ [].append(1) }}\n", ":3: access to attribute 'append' of 'list' object is unsafe"),
        ("Subject: x\n\n{{ ''.__class__.__mro__ }}\n", ":3: access to attribute '__class__'"),
        ("Subject: x\n\n{{ range(99999999) | list }}\n", ":3: OverflowError"),
        ("Subject: x\n\n{{ said | nofilter }}\n", ":3: No filter named 'nofilter'"),
        ("Subject: x\n\n{% include 'x' %}\n", ":3: "),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    own(tmp_path, demotion=text)
    with pytest.raises(InvalidTemplate) as refused:
        letters(tmp_path).check()
    assert f"{tmp_path / 'demotion.txt'}{said}" in str(refused.value)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "demotion.txt").write_bytes(b"Subject: \xff\n\nx")
    with pytest.raises(InvalidTemplate, match=r"demotion\.txt: the template is no text in UTF-8"):
        letters(tmp_path).check()
    with pytest.raises(InvalidTemplate, match=r"the folder of templates can't be read: .*: No such file"):
        letters(tmp_path / "templates")


def test_an_error_tells_nothing_of_the_customer(tmp_path: Path) -> None:
    own(tmp_path, demotion="Subject: x\n\n{{ said | money }}{{ said | date }}\n")
    with pytest.raises(InvalidTemplate) as refused:
        letters(tmp_path).write(payload("demotion", text="canary", email="canary@example.com"))
    assert "canary" not in str(refused.value)


def test_data_that_cannot_be_said_is_told() -> None:
    broken: list[dict[str, Any]] = [{"type": "store_credit", "amount": "x", "on": "birthday"}]
    with pytest.raises(InvalidTemplate, match="the data of the message can't be said in words"):
        letters().write(payload("welcome", {"tier_name": "Gold", "benefits": broken}))
    with pytest.raises(InvalidTemplate, match="no letters are written on the occasion 'christmas'"):
        letters().write(payload("christmas"))


# Nothing is more than text


EVIL = "<b>Gold</b>\r\nBcc: eve@example.com\u2028\x00\x1b[31m{{ 7*7 }}{% raw %}\u202egnp"


@pytest.mark.parametrize("occasion", OCCASIONS)
def test_names_are_no_headers_no_html_no_templates_and_no_lines(occasion: str) -> None:
    data = {
        **dict.fromkeys(("tier_name", "former_name", "next_name", "then_name"), EVIL),
        "benefits": [{"type": "entitlement", "what": EVIL}, {"type": EVIL}],
        "keep": [{"metric": EVIL, "is": EVIL, "figure": EVIL, "gap": None, "by": None}],
        "missing": [
            {"metric": f"channel[{EVIL}]", "one_of": [EVIL], "figure": None, "gap": None, "by": None}
        ],
        "until": "2027-03-14",
    }
    letter = letters().write(payload(occasion, data, text=EVIL))
    assert letter.subject.isprintable()
    assert "\r" not in letter.text
    assert not [line for line in letter.text.splitlines() if line.startswith("Bcc")]
    assert {"\u2028", "\u202e", "\x00", "\x1b"}.isdisjoint(letter.text + letter.html)
    assert "<b>" not in letter.html
    if "{{" in letter.text:
        assert "{{ 7*7 }}{% raw %}" in letter.text
    assert "49" not in letter.subject + letter.text


def test_a_shop_may_call_itself_anything() -> None:
    letter = letters(shop="<i>A\nB</i>", gold="<b>Gold</b>").write(payload("promotion"))
    assert letter.subject == "You are <b>Gold</b> now"
    assert "<i>A B</i>" in letter.text
    assert "&lt;i&gt;A B&lt;/i&gt;" in letter.html


def test_without_the_extra_it_is_said_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "jinja2", None)
    for name in [name for name in sys.modules if name.startswith("vip_rules.letters.")]:
        monkeypatch.delitem(sys.modules, name)

    def call(*arguments: str) -> int | str | None:
        with pytest.raises(SystemExit) as done:
            main(list(arguments))
        return done.value.code

    assert [call("init"), call("sync"), call("plan")] == [None, None, None]
    with (tmp_path / "vip-rules.toml").open("a", encoding="utf-8") as file:
        file.write('[messages]\nfile = "messages.jsonl"\n')
    capsys.readouterr()
    assert call("plan") == 1
    assert capsys.readouterr().err == (
        'error: letters need jinja2, which is not installed: run pip install "vip-rules[messages]"\n'
    )


def test_the_catalogue_has_what_the_books_speak_of() -> None:
    assert {each["type"] for each in BENEFITS} == set(CATALOGUE.benefits)
