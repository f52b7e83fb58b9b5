"""A shop for the worker: the atelier of the tests of apply, as a project whose store is in memory."""

from __future__ import annotations

from datetime import time
from typing import Any

from tests.apply.atelier import NAME, Atelier
from vip_rules.config import Config
from vip_rules.logs.log import Log
from vip_rules.logs.logs import Logs
from vip_rules.plugins import load_catalogue
from vip_rules.project import Outside, Project
from vip_rules.rates import Rates
from vip_rules.webhooks import Webhooks


def project_of(shop: Atelier, webhooks: Webhooks | None = None, **worker: Any) -> Project:
    """The shop as an open project, over the same database, store and clock. `worker` are settings of that section."""
    shop.adapter.webhooks = webhooks
    section = {
        "reconcile_minutes": 15,
        "daily_at": time(0, 5),
        "nightly_at": time(3),
        "effects_per_second": 0,
        "keep_webhooks_days": 30,
        **worker,
    }
    project = Project(
        config=Config(
            file=shop.folder / "vip-rules.toml",
            program=shop.folder / "program.json",
            database="",
            adapter="memory",
            shop=NAME,
            settings={},
            worker=section,
        ),
        catalogue=load_catalogue(),
        program=shop.program,
        document="{}",
        database=shop.database,
        shop=shop.shop,
        rates=Rates(),
        outside=Outside(
            clock=shop.clock,
            sleep=shop.slept.append,
            entropy=lambda size: bytes(size),
            environment={},
            patience=2,
        ),
    )
    # In the place of the store that a plugin would open.
    vars(project)["adapter"] = shop.adapter
    return project


def silent() -> Log:
    """A log that nobody reads."""
    return Logs.silent().of(NAME)
