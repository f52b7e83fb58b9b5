from tests.apply.conftest import atelier, empty, opened, running

__all__ = ["atelier", "empty", "opened", "running"]
