from tests.database.opened import shop_of
from vip_rules.database.connection import Database
from vip_rules.mirror.dirty import clear, clear_until, count, latest, mark, marks


def test_marks_wait_in_the_order_of_their_last_change(database: Database) -> None:
    shop = shop_of(database)
    with database.writing() as connection:
        mark(connection, shop, ["b", "a"])
        mark(connection, shop, ["c"])
        mark(connection, shop, ["a"])
        mark(connection, shop, [])
        assert list(marks(connection, shop).items()) == [("b", 1), ("c", 2), ("a", 3)]
        assert list(marks(connection, shop, most=2)) == ["b", "c"]
        assert (count(connection, shop), latest(connection, shop)) == (3, 3)


def test_who_changes_during_an_evaluation_stays_dirty(database: Database) -> None:
    shop = shop_of(database)
    with database.writing() as connection:
        mark(connection, shop, ["a", "b"])
        seen = marks(connection, shop)
        mark(connection, shop, ["b", "c"])
        clear(connection, shop, seen)
        assert set(marks(connection, shop)) == {"b", "c"}


def test_an_evaluation_of_everybody_clears_what_it_saw(database: Database) -> None:
    here, there = shop_of(database, "here"), shop_of(database, "there")
    with database.writing() as connection:
        mark(connection, here, ["a", "b"])
        mark(connection, there, ["a"])
        change = latest(connection, here)
        mark(connection, here, ["b"])
        clear_until(connection, here, change)
        assert marks(connection, here) == {"b": 2}
        assert marks(connection, there) == {"a": 1}
