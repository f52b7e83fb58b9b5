"""The command `vip-rules`: finds the command that was asked for, and says errors in words."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any, Final

import click

from vip_rules import __version__
from vip_rules.errors import VipRulesError

COMMANDS: Final = {
    "init": "Make a project: configuration, program, cases, and a small store to try them on.",
    "validate": "Check programs: schema, references, money, windows, and advice.",
    "schema": "Print the JSON Schema of programs, for editors.",
    "test": "Run the cases that stand beside programs.",
    "evaluate": "Give everybody in a store's exported files their tier, with reasons.",
    "sync": "Bring the mirror up to the store.",
    "plan": "Show what would change, and why.",
    "apply": "Carry out a plan, exactly it, once.",
    "status": "Show how the shop stands: members, mirror, what waits.",
    "explain": "Tell why a customer has their tier, what is missing, and until when.",
    "pin": "Give a customer a tier by hand.",
    "unpin": "Take a pin away.",
    "messages": "Show what customers are told, in their language.",
    "outbox": "Show what is on its way into the store, and decide about what is stuck.",
    "inbox": "Show what the store told by itself, and decide about what can't be read.",
    "plans": "Show the plans that wait for a person, and approve or refuse them.",
    "pause": "Stop everything that changes the store.",
    "resume": "End a pause.",
    "doctor": "Look whether everything is as it should be, and what to do where it isn't.",
    "redact": "Erase a customer for good.",
    "serve": "Take webhooks in and keep every standing true, around the clock.",
    "worker": "Do the service's work without its server.",
    "backup": "Write the whole database to a file, and verify it.",
    "restore": "Fill an empty database with a backup, and verify it.",
    "demo": "Evaluate the real history of an online music shop.",
}
"""The commands with their short help, so that listing them imports none of them."""


class Commands(click.Group):
    """The commands, each in the module of its name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands, in the order of the work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The command of a name."""
        if name not in COMMANDS:
            return None
        command: click.Command = import_module(f"vip_rules.cli.{name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(
    cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="vip-rules")
def commands() -> None:
    """VIP programs as code: who belongs to which tier, with the reason for each."""


def main(arguments: list[str] | None = None) -> None:
    """Run a command and exit: 0 done, 1 refused or invalid, 2 usage, 3 the platform or database failed."""
    if sys.stdout is None:
        sys.exit("error: there is no standard output to print to.")
    for stream in (sys.stdout, sys.stderr):
        _print_anything(stream)
    try:
        sys.exit(commands.main(args=arguments, prog_name="vip-rules", standalone_mode=False))
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped.", err=True)
        sys.exit(130)
    except VipRulesError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # Whoever read the output has seen enough, as `head` does.
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        click.echo(f"error: {error.filename or 'the system'}: {error.strerror or error}", err=True)
        sys.exit(VipRulesError.exit_code)


def _print_anything(stream: Any) -> None:
    """A terminal that lacks a sign shows a question mark for it rather than failing."""
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="replace")
