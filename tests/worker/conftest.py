from tests.apply.conftest import _quick, atelier, opened, running

__all__ = ["_quick", "atelier", "opened", "running"]
