"""What lines come to, held against a naive reckoning in integers."""

from dataclasses import dataclass

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from vip_rules.files.shopify_amounts import shared
from vip_rules.files.translation import ORDER
from vip_rules.model import Currency

USD = Currency.of("USD")


@dataclass(frozen=True)
class Line:
    price: int
    quantity: int
    discount: int

    @property
    def weight(self) -> int:
        return max(self.price * self.quantity - self.discount, 0)


LINES = st.lists(
    st.builds(Line, st.integers(0, 10**9), st.integers(0, 1000), st.integers(0, 10**6)),
    min_size=1,
    max_size=6,
)
ORDERS = st.lists(st.tuples(st.integers(0, 10**11), LINES), min_size=1, max_size=4)


def naive(goods: int, lines: list[Line]) -> list[int]:
    weights = [line.weight for line in lines]
    shares = [goods * weight // sum(weights) if sum(weights) else 0 for weight in weights]
    shares[weights.index(max(weights))] += goods - sum(shares)
    return shares


@given(ORDERS)
def test_goods_are_shared_out_exactly(orders: list[tuple[int, list[Line]]]) -> None:
    rows = [
        {
            ORDER: n,
            "Currency": "USD",
            "Total": USD.major(goods + 700),
            "tax": "3.00",
            "shipping": "4",
            "Lineitem price": USD.major(line.price),
            "Lineitem quantity": str(line.quantity),
            "Lineitem discount": USD.major(line.discount),
        }
        for n, (goods, lines) in enumerate(orders)
        for line in lines
    ]
    amounts = shared(pl.DataFrame(rows), USD)["amount"].to_list()
    expected = [share for goods, lines in orders for share in naive(goods, lines)]
    assert amounts == [f"{USD.major(share)}00" for share in expected]
