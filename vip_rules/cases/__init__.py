"""Cases: what an author expects of a program, run against it. They stand beside the program, as NAME.cases.json."""

from vip_rules.cases.running import CaseResult, run_cases

__all__ = ["CaseResult", "run_cases"]
