from tests.apply.conftest import _quick, opened

__all__ = ["_quick", "opened"]
