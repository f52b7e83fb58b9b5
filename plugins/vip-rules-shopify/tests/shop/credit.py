"""Store credit: each call gives money, since Shopify has no key to tell a repetition by."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from vip_rules.model import InvalidMoney

from tests.shop.amounts import instant, minor, money, read_instant
from tests.shop.identifiers import gid, number
from tests.shop.listing import listing
from tests.shop.projection import Arguments, Connection, Fields, Payload, refused
from tests.shop.search import Index, Instant, Number, Text
from tests.shop.state import CreditAccount, State, Transaction

TRANSACTIONS: Final = Index(
    {
        "id": Number(lambda transaction: transaction.id),
        "type": Text(lambda transaction: "credit" if transaction.amount > 0 else "debit"),
        "expires_at": Instant(lambda transaction: transaction.expires_at),
    },
    lambda transaction: "",
)


def account_view(state: State, account: CreditAccount) -> Fields:
    """A StoreCreditAccount."""

    def transactions(arguments: Arguments) -> Connection:
        return listing(
            state,
            "StoreCreditAccountTransaction",
            account.transactions,
            lambda transaction: transaction_view(state, account, transaction),
            TRANSACTIONS,
            arguments,
            {"CREATED_AT": lambda transaction: transaction.created_at},
        )

    def owner(arguments: Arguments) -> Fields:
        return {"__typename": "Customer", "id": gid("Customer", account.customer)}

    return {
        "__typename": "StoreCreditAccount",
        "id": gid("StoreCreditAccount", account.id),
        "balance": money(account.balance, account.currency),
        "owner": owner,
        "transactions": transactions,
    }


def transaction_view(state: State, account: CreditAccount, transaction: Transaction) -> Fields:
    """A StoreCreditAccountTransaction of its kind."""
    credit = transaction.amount > 0
    kind = "Credit" if credit else "Debit"
    own = {
        "expiresAt": instant(transaction.expires_at),
        "remainingAmount": money(max(0, transaction.amount), account.currency),
    }
    return {
        "__typename": f"StoreCreditAccount{kind}Transaction",
        "id": gid(f"StoreCreditAccount{kind}Transaction", transaction.id),
        "amount": money(transaction.amount, account.currency),
        "balanceAfterTransaction": money(transaction.balance, account.currency),
        "createdAt": instant(transaction.created_at),
        "event": "ADJUSTMENT",
        "origin": None,
        "account": lambda _: account_view(state, account),
        **(own if credit else {}),
    }


def credit(state: State, arguments: Arguments) -> Payload:
    """Money for a customer, or into an account."""
    given = arguments["creditInput"]
    currency = given["creditAmount"]["currencyCode"]
    account = state.accounts.get(number(arguments["id"], "StoreCreditAccount") or 0)
    customer = state.customers.get(number(arguments["id"], "Customer") or 0)
    if account is None and customer is None:
        of_account = number(arguments["id"], "StoreCreditAccount") is not None
        what, code = ("account", "ACCOUNT_NOT_FOUND") if of_account else ("owner", "OWNER_NOT_FOUND")
        return refused(f"Store credit {what} does not exist", code, ["id"])
    try:
        amount = minor(given["creditAmount"]["amount"], currency)
    except InvalidMoney:
        message = "Currency is not supported"
        return refused(message, "UNSUPPORTED_CURRENCY", ["creditInput", "creditAmount", "currencyCode"])
    if amount <= 0:
        path = ["creditInput", "creditAmount", "amount"]
        return refused("A positive amount must be used", "NEGATIVE_OR_ZERO_AMOUNT", path)
    expires = given.get("expiresAt")
    if expires is not None and read_instant(expires) <= state.now():
        path = ["creditInput", "expiresAt"]
        return refused("The expiry date must be in the future", "EXPIRES_AT_IN_PAST", path)
    if account is not None and account.currency != currency:
        path = ["creditInput", "creditAmount", "currencyCode"]
        return refused("The currency does not match the account's", "MISMATCHING_CURRENCY", path)
    if account is None:
        assert customer is not None
        account = account_for(state, customer.id, currency)
    if state.credit_limit is not None and account.balance + amount > state.credit_limit:
        path = ["creditInput", "creditAmount", "amount"]
        return refused("The operation would exceed the credit limit", "CREDIT_LIMIT_EXCEEDED", path)
    made = book(state, account, amount, None if expires is None else read_instant(expires))
    return Payload({"storeCreditAccountTransaction": transaction_view(state, account, made)})


def account_for(state: State, customer: int, currency: str) -> CreditAccount:
    """A customer's account in a currency, made with the first credit."""
    for account in state.accounts_of(customer):
        if account.currency == currency:
            return account
    account = CreditAccount(state.number(), customer, currency)
    state.accounts[account.id] = account
    return account


def book(
    state: State, account: CreditAccount, amount: int, expires_at: datetime | None = None
) -> Transaction:
    """Money into an account, or out of it where it is negative."""
    made = Transaction(state.number(), amount, account.balance + amount, state.now(), expires_at)
    account.transactions.append(made)
    return made
