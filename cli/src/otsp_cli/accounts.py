"""The first account of a platform, made beside its database, because nobody can log in yet."""

import argparse
import secrets
import sys

from otsp_cli.dossier.supervision import Accounts


def bootstrap_admin(options: argparse.Namespace) -> int:
    """Make the national administrator unless it exists; safe to repeat.

    The password is the first line of standard input, or made and kept in the accounts file.
    """
    from otsp_auth.bootstrap import ensure_national_admin  # noqa: PLC0415 - only this command

    username, accounts_file = options.username, options.accounts
    if accounts_file is None and sys.stdin.isatty():
        print("otsp bootstrap-admin: pass --accounts FILE or a password on standard input")
        return 2
    generated = f"Aa1-{secrets.token_urlsafe(18)}"
    password = generated if accounts_file else sys.stdin.readline().rstrip("\n")
    is_new = ensure_national_admin(username, password)
    if is_new and accounts_file:
        role = {"role": "national_admin", "of": "教育部校外教育培训监管司"}
        Accounts(accounts_file).keep("national_admin", username=username, password=password, **role)
    print(f"{username}: {'made' if is_new else 'exists already'}")
    return 0
