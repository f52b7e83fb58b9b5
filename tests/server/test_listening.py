import socket

import pytest

from vip_rules.logs.logs import Logs
from vip_rules.server.listening import CannotListen, listen


async def nothing(*_: object) -> None:
    """An application that nobody asks."""


@pytest.mark.parametrize("host", ["127.0.0.1", "host.invalid"])
def test_an_address_that_can_not_be_listened_on_is_said(host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = rf"^\[server\] host and port: nobody can listen on {host}:{port} \([^()]+\); end what listens there"
        with pytest.raises(CannotListen, match=said):
            listen(nothing, host, port, Logs.silent().of(None), lambda: None)
