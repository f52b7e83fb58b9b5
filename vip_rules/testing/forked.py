"""What the process has read that all others are forked from: they needn't read it again, each time."""

from importlib import import_module
from importlib.util import find_spec

from vip_rules.store import Shop
from vip_rules.testing.days import document
from vip_rules.testing.merchant import program

program(document(Shop(currency="USD", timezone="UTC")))
if find_spec("psycopg"):
    import_module("sqlalchemy.dialects.postgresql.psycopg")
    import_module("psycopg")
