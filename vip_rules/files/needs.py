"""What a program needs of a store's files, beyond what every file has."""

from __future__ import annotations

from vip_rules.errors import InvalidInput
from vip_rules.files.reading import Reading
from vip_rules.program.program import Program


def check_needs(program: Program, reading: Reading) -> None:
    """Refuse to evaluate metrics or filters over columns that no file has: the figures would mean nothing.

    Raises InvalidInput with what is missing and who needs it.
    """
    missing: dict[tuple[str, str], str] = {}
    for figure in program.figures():
        for need in figure.needs:
            file, _, column = need.partition(".")
            if column not in reading.present(file):
                missing.setdefault((file, column), figure.phrase)
    if not missing:
        return
    wanted = "; ".join(
        f"the column {column} of the {file}, for {phrase}" for (file, column), phrase in missing.items()
    )
    absent = sorted({file for file, _ in missing} - {file.name for file in reading.files})
    options = f": give {' and '.join(f'--{file} FILE' for file in absent)}" if absent else ""
    raise InvalidInput(f"the program asks for what the files don't have: {wanted}{options}")
