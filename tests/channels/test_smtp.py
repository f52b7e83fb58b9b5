"""Emails: whole, to the right person, and every answer of a mail server means the right thing."""

from __future__ import annotations

import logging
import socket
import ssl
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.utils import parseaddr
from typing import Any

import pytest
import trustme

from tests.channels.mail_server import Post, login, serving
from tests.channels.messages import LATER, WARNING, CannotWrite, Writes
from vip_rules.adapter import Confirmed, Intent, Outcome, Refused, RetryAfter, Unknown, Unreadable
from vip_rules.channels.channel import InvalidChannel
from vip_rules.channels.smtp import Login, MailServer, Security, Sender, Smtp, message_id
from vip_rules.testing import StoppedClock

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SENDER = Sender("아틀리에 노르드, 서울 공식 스토어", "vip@atelier.example")
TO_ANN = replace(WARNING, payload={**WARNING.payload, "email": "canary.ann@example.com", "language": "ko"})
TO_BOB = replace(LATER, payload={**LATER.payload, "email": "bob@example.com"})


@pytest.fixture
def post() -> Iterator[Post]:
    with serving() as found:
        yield found


def channel(
    port: int,
    *,
    security: Security = "none",
    sender: Sender = SENDER,
    letters: Any = None,
    **more: Any,
) -> Smtp:
    server = MailServer("localhost", port, security)
    return Smtp(server, sender, letters or Writes(), clock=StoppedClock(NOW), timeout=10, **more)


def sent(mail: Smtp, *intents: Intent) -> list[Outcome]:
    try:
        return list(mail.carry_out(intents))
    finally:
        mail.close()


def sender_of(post: Post) -> tuple[str, str]:
    """The name and address of the sender of the only email. The newer parser of Python puts spaces into long names."""
    (envelope,) = post.envelopes
    assert isinstance(envelope.content, bytes)
    name, address = parseaddr(message_from_bytes(envelope.content)["From"])
    return str(make_header(decode_header(name))), address


def free_port() -> int:
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port


# What arrives


def test_an_email_arrives_as_it_was_written(post: Post) -> None:
    assert sent(channel(post.port), TO_ANN) == [Confirmed()]
    (envelope,), (mail,) = post.envelopes, post.mails
    assert isinstance(envelope.content, bytes)
    assert envelope.content.isascii()
    assert max(map(len, envelope.content.splitlines())) <= 78
    assert (envelope.mail_from, envelope.rcpt_tos) == ("vip@atelier.example", ["canary.ann@example.com"])
    assert sender_of(post) == (SENDER.name, "vip@atelier.example")
    assert mail["To"] == "canary.ann@example.com"
    assert mail["Subject"] == "골드 등급 유지 안내"
    assert mail["Date"] == "Fri, 20 Nov 2026 12:00:00 +0000"
    assert mail["Content-Language"] == "ko"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert (mail["Reply-To"], mail["List-Unsubscribe"]) == (None, None)
    plain, html = mail.iter_parts()
    assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert plain.get_content().split() == ["고객님,", "안녕하세요."]
    assert html.get_content().split() == ["<p>고객님,", "안녕하세요.", "</p>"]


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Atelier",
        'Atelier "Nord", Ltd. (Oslo)',
        "Zoë & Fils",
        "아틀리에 노르드 서울 공식 온라인 스토어 브이아이피",
    ],
)
def test_a_senders_name_arrives_whole(post: Post, name: str) -> None:
    assert sent(channel(post.port, sender=replace(SENDER, name=name)), TO_ANN) == [Confirmed()]
    assert sender_of(post) == (name, "vip@atelier.example")


@pytest.mark.parametrize(
    "subject",
    [
        ("골드 등급 " * 40).strip(),
        ("you are Gold now " * 20).strip(),
        "Gold =?utf-8?q?x?= now",
        "Zoë, you are Gold",
        "您距离Gold会员仅一步之遥" * 9,
    ],
)
def test_long_lines_are_folded_and_arrive_whole(post: Post, subject: str) -> None:
    text = "가" * 3_000
    assert sent(channel(post.port, letters=Writes(subject, f"{text}\n")), TO_ANN) == [Confirmed()]
    (envelope,), (mail,) = post.envelopes, post.mails
    assert isinstance(envelope.content, bytes)
    assert max(map(len, envelope.content.splitlines())) <= 78
    assert mail["Subject"] == subject
    plain, _ = mail.iter_parts()
    assert plain.get_content().strip() == text


def test_where_answers_go_and_how_to_unsubscribe_is_said(post: Post) -> None:
    sender = Sender.of(
        "vip@atelier.example",
        reply_to="help@atelier.example",
        unsubscribe="https://atelier.example/account/emails?from=vip",
    )
    assert sent(channel(post.port, sender=sender), TO_ANN) == [Confirmed()]
    (mail,) = post.mails
    assert mail["From"] == "vip@atelier.example"
    assert mail["Reply-To"] == "help@atelier.example"
    assert mail["List-Unsubscribe"] == "<https://atelier.example/account/emails?from=vip>"


def test_a_message_that_is_sent_again_is_the_same_bytes_under_the_same_id(post: Post) -> None:
    for _ in range(2):
        assert sent(channel(post.port), TO_ANN) == [Confirmed()]
    assert sent(channel(post.port), TO_BOB) == [Confirmed()]
    first, again, other = post.mails
    assert first.as_bytes() == again.as_bytes()
    assert first["Message-ID"] == message_id(TO_ANN.key, SENDER.address) != other["Message-ID"]
    assert TO_ANN.key not in first["Message-ID"]
    assert first["Message-ID"].endswith("@atelier.example>")


def test_the_id_of_a_key_is_the_one_that_it_always_was() -> None:
    """Made once by: printf 'atelier.example\\nk:1' | openssl dgst -sha256."""
    assert (
        message_id("k:1", "vip@atelier.example")
        == "<4ac9c0d6420817dd1096e9dd72bf1c3dce191e67@atelier.example>"
    )


def test_no_value_makes_a_header_or_another_recipient(post: Post) -> None:
    letters = Writes(subject="Gold =?utf-8?q?x?= " + "é" * 200, text="Bcc: eve@example.com\n.\nQUIT\n")
    assert sent(channel(post.port, letters=letters), TO_ANN) == [Confirmed()]
    ((envelope,), (mail,)) = post.envelopes, post.mails
    assert envelope.rcpt_tos == ["canary.ann@example.com"]
    assert mail["Bcc"] is None
    plain, _ = mail.iter_parts()
    assert plain.get_content().splitlines() == ["Bcc: eve@example.com", ".", "QUIT"]


@pytest.mark.parametrize(
    "address",
    [
        "no address",
        "@example.com",
        "ann@",
        "ann@example.com, eve@example.com",
        "ann@example.com\r\nRCPT TO:<eve@example.com>",
        "ann@example.com\nBcc: eve@example.com",
        "<ann@example.com>",
        "Ann <ann@example.com>",
        "ann@-.example",
        "ann@exa\x00mple.com",
        "ann@" + "ü" * 300 + ".example",
    ],
)
def test_what_is_no_address_is_refused_and_not_repeated(post: Post, address: str) -> None:
    intent = replace(TO_ANN, payload={**TO_ANN.payload, "email": address})
    if address == "ann@-.example":
        post.answers["RCPT"] = "553 5.1.2 no such domain"
    (outcome,) = sent(channel(post.port), intent)
    assert isinstance(outcome, Refused)
    assert "ann@" not in outcome.reason
    assert post.envelopes == []


def test_a_domain_in_other_letters_is_written_as_the_network_writes_it(post: Post) -> None:
    intent = replace(TO_ANN, payload={**TO_ANN.payload, "email": "ann@straße.example"})
    assert sent(channel(post.port), intent) == [Confirmed()]
    assert post.envelopes[0].rcpt_tos == ["ann@xn--strae-oqa.example"]


def test_a_name_in_other_letters_goes_to_servers_that_take_them() -> None:
    intent = replace(TO_ANN, payload={**TO_ANN.payload, "email": "앤@example.com"})
    with serving(enable_SMTPUTF8=True) as post:
        assert sent(channel(post.port), intent) == [Confirmed()]
        (envelope,) = post.envelopes
        assert envelope.rcpt_tos == ["앤@example.com"]
        assert "SMTPUTF8" in envelope.mail_options
        assert "To: 앤@example.com".encode() in envelope.content  # type: ignore[operator]
    with serving() as post:
        (outcome,) = sent(channel(post.port), intent)
        assert outcome == Refused(
            "localhost doesn't take email addresses with other letters than those of ASCII"
        )
        assert post.envelopes == []


def test_without_an_address_nothing_is_sent_and_what_to_do_is_said() -> None:
    mail = channel(free_port())
    (outcome,) = sent(mail, WARNING)
    assert isinstance(outcome, Refused)
    assert outcome.reason.startswith("no email address of the customer is known: tell them in another way")


def test_a_letter_that_cannot_be_written_is_refused_with_the_place() -> None:
    assert sent(channel(free_port(), letters=CannotWrite()), TO_ANN) == [
        Refused("templates/x.txt:3: mend it")
    ]


def test_only_messages_are_sent() -> None:
    (outcome,) = sent(channel(free_port()), replace(TO_ANN, kind="store_credit"))
    assert isinstance(outcome, Refused)


def test_nobody_can_be_asked_what_arrived_and_nothing_is_sent_twice_by_itself() -> None:
    mail = channel(free_port())
    assert [type(sight) for sight in mail.look([TO_ANN, TO_BOB])] == [Unreadable, Unreadable]
    capability = mail.capabilities["message"]
    assert not capability.readable
    assert not capability.idempotent
    assert capability.needs == {"email", "language"}


# Connections


def test_one_connection_serves_many_messages(post: Post) -> None:
    mail = channel(post.port)
    assert [mail.carry_out([intent]) for intent in (TO_ANN, TO_BOB)] == [[Confirmed()], [Confirmed()]]
    mail.close()
    mail.close()
    assert (len(post.envelopes), post.connections) == (2, 1)


def test_a_connection_that_the_server_has_closed_is_made_anew(post: Post) -> None:
    mail = channel(post.port)
    assert mail.carry_out([TO_ANN]) == [Confirmed()]
    post.drops.add("NOOP")
    assert mail.carry_out([TO_BOB]) == [Confirmed()]
    mail.close()
    assert (len(post.envelopes), post.connections) == (2, 2)


def test_a_connection_carries_a_hundred_messages_at_most(post: Post) -> None:
    assert sent(channel(post.port), *[TO_ANN] * 101) == [Confirmed()] * 101
    assert (len(post.envelopes), post.connections) == (101, 2)


def test_a_server_that_is_gone_gets_the_message_later() -> None:
    with serving() as post:
        mail = channel(post.port)
        assert mail.carry_out([TO_ANN]) == [Confirmed()]
    assert sent(mail, TO_BOB) == [RetryAfter(60, "localhost couldn't be reached")]


def test_who_does_not_listen_got_nothing() -> None:
    assert sent(channel(free_port()), TO_ANN) == [RetryAfter(60, "localhost couldn't be reached")]


def test_who_says_nothing_got_nothing() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as deaf:
        server = MailServer("127.0.0.1", deaf.getsockname()[1], "none")
        mail = Smtp(server, SENDER, Writes(), clock=StoppedClock(NOW), timeout=1)
        assert sent(mail, TO_ANN) == [RetryAfter(60, "127.0.0.1 couldn't be reached")]


# Answers


@pytest.mark.parametrize(
    ("command", "answer", "outcome"),
    [
        ("MAIL", "451 4.3.0 canary", RetryAfter(60, "localhost answered 451 4.3.0")),
        ("MAIL", "550 5.7.1 canary", Refused("localhost answered 550 5.7.1: it doesn't take the message")),
        ("RCPT", "450 canary", RetryAfter(60, "localhost answered 450")),
        ("RCPT", "452 4.2.2 canary", RetryAfter(60, "localhost answered 452 4.2.2")),
        (
            "RCPT",
            "550 5.1.1 <canary.ann@example.com> unknown",
            Refused("localhost answered 550 5.1.1: it doesn't take the message"),
        ),
        ("RCPT", "550 5.1.1canary", Refused("localhost answered 550: it doesn't take the message")),
        ("DATA", "451 4.7.1 canary", RetryAfter(60, "localhost answered 451 4.7.1")),
        ("DATA", "554 5.6.0 canary", Refused("localhost answered 554 5.6.0: it doesn't take the message")),
        ("DATA", "354 canary", Unknown("localhost answered 354: whether it took the message isn't known")),
    ],
)
def test_each_answer_means_something(post: Post, command: str, answer: str, outcome: Outcome) -> None:
    post.answers[command] = answer
    mail = channel(post.port)
    assert mail.carry_out([TO_ANN]) == [outcome]
    post.answers.clear()
    assert mail.carry_out([TO_BOB]) == [Confirmed()]
    mail.close()


@pytest.mark.parametrize("command", ["MAIL", "RCPT"])
def test_a_server_that_breaks_off_before_the_message_does_not_have_it(post: Post, command: str) -> None:
    post.drops.add(command)
    assert sent(channel(post.port), TO_ANN) == [
        RetryAfter(60, "localhost broke off before it had the message")
    ]
    assert post.envelopes == []


def test_a_server_that_breaks_off_after_the_message_may_have_it(post: Post) -> None:
    post.drops.add("DATA")
    (outcome,) = sent(channel(post.port), TO_ANN)
    assert outcome == Unknown("localhost broke off while it took the message: SMTPServerDisconnected")
    assert len(post.envelopes) == 1


# Security


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def theirs(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    return context


@pytest.fixture(scope="module")
def ours(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def test_starttls_and_a_login_protect_what_is_sent(theirs: ssl.SSLContext, ours: ssl.SSLContext) -> None:
    options: dict[str, Any] = {"tls_context": theirs, "require_starttls": True, "auth_required": True}
    with serving(authenticator=login("shop", "canary-password"), **options) as post:
        mail = channel(post.port, security="starttls", context=ours, login=Login("shop", "canary-password"))
        assert sent(mail, TO_ANN) == [Confirmed()]
        assert len(post.envelopes) == 1
        wrong = channel(post.port, security="starttls", context=ours, login=Login("shop", "canary-other"))
        (outcome,) = sent(wrong, TO_ANN)
        assert outcome == RetryAfter(300, "localhost doesn't take the user and password: mend [messages]")


def test_tls_from_the_first_byte_on(theirs: ssl.SSLContext, ours: ssl.SSLContext) -> None:
    with serving(tls=theirs) as post:
        assert sent(channel(post.port, security="tls", context=ours), TO_ANN) == [Confirmed()]
        assert len(post.envelopes) == 1


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_that_nobody_vouches_for_is_not_trusted(
    theirs: ssl.SSLContext, security: Security
) -> None:
    options: dict[str, Any] = {"tls": theirs} if security == "tls" else {"tls_context": theirs}
    with serving(**options) as post:
        (outcome,) = sent(channel(post.port, security=security), TO_ANN)
        assert outcome == RetryAfter(300, "localhost has no certificate that can be trusted for this name")
        assert post.envelopes == []


def test_nothing_is_sent_in_the_open_because_a_server_lacks_starttls(post: Post) -> None:
    (outcome,) = sent(channel(post.port, security="starttls", login=Login("shop", "canary")), TO_ANN)
    assert isinstance(outcome, RetryAfter)
    assert "STARTTLS" in outcome.reason
    assert post.envelopes == []


def test_no_secret_is_told(
    post: Post, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    post.answers["RCPT"] = "550 no canary.ann@example.com here"
    mail = channel(post.port, login=Login("canary-user", "canary-password"))
    outcomes = sent(mail, TO_ANN)
    post.drops.add("RCPT")
    outcomes += sent(channel(post.port), TO_ANN)
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("mail.log")]
    out, err = capfd.readouterr()
    assert "canary" not in f"{outcomes} {ours} {out} {err} {Login('canary', 'canary')}"


# Settings


def test_a_password_that_cannot_be_sent_is_refused_and_not_repeated() -> None:
    with pytest.raises(InvalidChannel, match="letters of ASCII only") as refused:
        Login("shop", "canary-pässword")
    assert "canary" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("smtp.example.com:587", MailServer("smtp.example.com", 587, "starttls")),
        ("smtp.example.com:25", MailServer("smtp.example.com", 25, "starttls")),
        ("smtp.example.com:465", MailServer("smtp.example.com", 465, "tls")),
        ("localhost:25", MailServer("localhost", 25, "none")),
        ("127.0.0.1:2525", MailServer("127.0.0.1", 2525, "none")),
        ("[::1]:25", MailServer("::1", 25, "none")),
        ("127.0.0.1.example.com:25", MailServer("127.0.0.1.example.com", 25, "starttls")),
        ("localhost:465", MailServer("localhost", 465, "tls")),
    ],
)
def test_the_way_to_a_server_is_secured(text: str, server: MailServer) -> None:
    assert MailServer.of(text) == server


@pytest.mark.parametrize("text", ["", "smtp.example.com", "smtp.example.com:", "a:b:25", "a:99999", "a b:25"])
def test_what_is_no_server_is_refused(text: str) -> None:
    with pytest.raises(InvalidChannel, match=r"expected HOST:PORT, as in smtp\.example\.com:587"):
        MailServer.of(text)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"sender": "Atelier"}, "from is no sender"),
        ({"sender": "a@b, c@d"}, "from is no sender"),
        ({"sender": "Atelier <vip@atelier.example>\nBcc: x@y"}, "from is no sender"),
        ({"sender": "vip@atelier.example", "reply_to": "x"}, "reply_to is no address"),
        ({"sender": "vip@atelier.example", "unsubscribe": "http://x"}, "unsubscribe is no link"),
        (
            {"sender": "vip@atelier.example", "unsubscribe": "https://x>\r\nBcc: a@b"},
            "unsubscribe is no link",
        ),
    ],
)
def test_what_is_no_sender_is_refused(given: dict[str, str], message: str) -> None:
    with pytest.raises(InvalidChannel, match=message):
        Sender.of(**given)
