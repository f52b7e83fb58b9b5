"""The section [messages]: what goes together, and that what it says is what happens."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.channels.mail_server import serving
from tests.test_config import CANARY, MARKET, config, problems
from vip_rules.cli import project as cli_project
from vip_rules.cli.main import main
from vip_rules.project import Outside

SMTP = 'smtp = "smtp.example.com:587"\nfrom = "Atelier <vip@atelier.example>"\n'
NOON = datetime(2026, 11, 20, 17, tzinfo=UTC)


def test_everything_about_emails_can_be_said(tmp_path: Path) -> None:
    found = config(
        tmp_path,
        f'{MARKET}[messages]\n{SMTP}reply_to = "help@atelier.example"\nuser = "shop"\npassword_env = "TOKEN"\n'
        'unsubscribe = "https://atelier.example/x"\ntemplates = "templates"\nlanguage = "ko"\n'
        'quiet_hours = "21:00-09:00"\n',
    )
    assert found.messages == {
        "smtp": "smtp.example.com:587",
        "from": "Atelier <vip@atelier.example>",
        "reply_to": "help@atelier.example",
        "user": "shop",
        "password": CANARY,
        "unsubscribe": "https://atelier.example/x",
        "templates": str(tmp_path / "templates"),
        "language": "ko",
        "quiet_hours": "21:00-09:00",
    }
    assert CANARY not in repr(found)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "[messages] needs file, url or smtp: where do they go?"),
        (f'file = "x"\n{SMTP}', "[messages] has file and smtp: choose one"),
        (
            f'file = "x"\nurl = "x"\nsecret_env = "TOKEN"\n{SMTP}',
            "[messages] has file, url and smtp: choose one",
        ),
        ('smtp = "x:25"\n', '[messages] smtp needs from, the sender: "Name <address>"'),
        (f'{SMTP}user = "shop"\n', "[messages] user needs a password: password_env or password_file"),
        (f'{SMTP}password_env = "TOKEN"\n', "[messages] password needs a user"),
        ('file = "x"\nuser = "shop"\npassword_env = "TOKEN"\n', "[messages] user is for smtp: leave it out with file"),
        (f'{SMTP}secret_env = "TOKEN"\n', "[messages] secret_env is for url: leave it out with smtp"),
        ('file = "x"\nquiet_hours = "night"\n', "[messages] quiet_hours: expected two times of day such as 21:00-09:00"),
        ('file = "x"\nquiet_hours = "9:00-9:00"\n', "[messages] quiet_hours: expected two times of day"),
        ('file = "x"\nlanguage = "Korean"\n', "[messages] language: expected a language's tag, such as en, ko, id or zh"),
        (f'{SMTP}password = "{CANARY}"\n', "[messages] password is not known here: did you mean password_env?"),
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_told(tmp_path: Path, text: str, said: str) -> None:
    assert any(line.startswith(said) for line in problems(tmp_path, f"{MARKET}[messages]\n{text}"))


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """A project that init made, at noon of New York; a call gives a command's exit code, output and errors."""
    monkeypatch.chdir(tmp_path)
    outside = Outside(clock=lambda: NOON, sleep=lambda _: None, environment={"PASSWORD": CANARY})
    monkeypatch.setattr(cli_project, "outside", lambda: outside)

    def call(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as done:
            main(list(arguments))
        said = capsys.readouterr()
        return int(done.value.code or 0), said.out, said.err

    assert call("init")[0] == 0
    return call


def say(text: str) -> None:
    with Path("vip-rules.toml").open("a", encoding="utf-8") as file:
        file.write(f"[messages]\n{text}")


def welcome() -> None:
    """Have the program welcome its members."""
    file = Path("program.json")
    document = json.loads(file.read_text("utf-8"))
    document["messages"] = [{"on": "welcome", "template": "welcome"}]
    file.write_text(json.dumps(document), "utf-8")


def write(name: str, text: str) -> None:
    Path("templates").mkdir(exist_ok=True)
    Path("templates", name).write_text(text, "utf-8")


def test_emails_go_out_by_the_configured_server(shop: Any) -> None:
    Path("store", "customers.csv").write_text(
        "customer_id,created_at,birthday,email,language\n"
        "amara,2024-02-11,,amara@example.com,ko-KR\nbruno,2025-06-30,,bruno@example.com,\n"
        "chen,2026-05-08,,chen@example.com,zh_CN\ndora,2023-09-01,,,\nelif,2022-01-19,,elif@example.com,in\n"
        "finn,2024-10-05,,finn@example.com,en\n",
        "utf-8",
    )
    welcome()
    with serving() as post:
        say(f'smtp = "localhost:{post.port}"\nfrom = "Atelier Nord <vip@atelier.example>"\nlanguage = "id"\n')
        assert shop("sync")[0] == 0
        code, out, err = shop("apply", "--yes", "--welcome", "--json")
        delivered = json.loads(out)["delivered"]
        assert code == (1 if delivered["counts"].get("refused") else 0), err
        assert {mail["From"] for mail in post.mails} == {"Atelier Nord <vip@atelier.example>"}
        languages = {str(mail["To"]).partition("@")[0]: str(mail["Content-Language"]) for mail in post.mails}
        assert len(languages) == len(post.mails) > 2
        expected = {"amara": "ko", "bruno": "id", "chen": "zh", "elif": "id", "finn": "en"}
        assert languages.items() <= expected.items()


def test_in_quiet_hours_an_apply_is_done_and_tells_what_waits(shop: Any) -> None:
    welcome()
    say('file = "messages.jsonl"\nquiet_hours = "11:00-13:30"\n')
    assert shop("sync")[0] == 0
    code, out, err = shop("apply", "--yes", "--welcome")
    assert code == 0, out + err
    assert "wait for 13:30 (quiet hours)." in out
    assert "left to carry out" not in out
    assert not Path("messages.jsonl").exists()


def test_a_template_with_a_mistake_is_told_before_anything_happens(shop: Any) -> None:
    say('file = "messages.jsonl"\ntemplates = "templates"\n')
    write("demotion.ko.txt", "Subject: x\n\n{{ nothing }}\n")
    for command in (["sync"], ["plan"], ["apply", "--yes"], ["doctor"], ["messages", "preview", "--all"]):
        code, out, err = shop(*command)
        assert code == 1, out
        assert err.startswith(f"error: {Path('templates', 'demotion.ko.txt')}:3: 'nothing' is undefined")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('smtp = "localhost"\nfrom = "a@b.example"\n', "the mail server isn't one: expected HOST:PORT"),
        ('smtp = "localhost:25"\nfrom = "Atelier"\n', "from is no sender: expected"),
        (
            'smtp = "localhost:25"\nfrom = "a@b.example"\nunsubscribe = "x"\n',
            "unsubscribe is no link",
        ),
        ('file = "x"\nlanguage = "xx"\n', "'xx' names no language"),
    ],
)
def test_what_cannot_be_used_is_told(shop: Any, text: str, said: str) -> None:
    say(text)
    code, _, err = shop("plan")
    assert code == 1
    assert said in err


class TestPreview:
    def test_a_merchant_sees_what_goes_out(self, shop: Any) -> None:
        code, out, _ = shop("messages", "preview", "demotion", "--language", "zh-CN")
        assert code == 0
        assert out.startswith("--- demotion, zh\nSubject: 您的会员等级变更通知\n\n尊敬的顾客，您好！\n\n")
        assert out.count("--- demotion, zh") == 2

    def test_own_templates_and_the_shops_name_and_language_are_used(self, shop: Any) -> None:
        say(
            'file = "x"\nfrom = "Atelier Nord <vip@atelier.example>"\nlanguage = "ko"\ntemplates = "templates"\n'
        )
        write("demotion.txt", "Subject: 안내\n\n{{ shop }}: {{ former_name }}\n")
        _, out, _ = shop("messages", "preview", "demotion")
        assert out.startswith("--- demotion, ko\nSubject: 안내\n\nAtelier Nord: ")

    def test_all_can_be_seen_as_json(self, shop: Any) -> None:
        code, out, _ = shop("messages", "preview", "--all", "--language", "id", "--json")
        assert code == 0
        found = json.loads(out)
        assert {each["language"] for each in found} == {"id"}
        assert len({each["occasion"] for each in found}) == 7
        assert set(found[0]) == {"template", "occasion", "subject", "body", "language", "html"}

    @pytest.mark.parametrize(
        ("arguments", "code", "said"),
        [
            ([], 2, "name a template or an occasion, or say --all"),
            (["demotion", "--all"], 2, "name a template or an occasion, or say --all"),
            (
                ["demotoin"],
                2,
                "demotoin is no template of the program, and no occasion: did you mean demotion?",
            ),
            (["--all", "--language", "xx"], 1, "'xx' names no language"),
        ],
    )
    def test_what_cannot_be_shown_is_told(
        self, shop: Any, arguments: list[str], code: int, said: str
    ) -> None:
        found, _, err = shop("messages", "preview", *arguments)
        assert (found, said in err) == (code, True), err
