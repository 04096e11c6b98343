"""`ischio account`: who may sign in to the pages of the service, in which organisation and as what."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from getpass import getpass
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from ischio.interfaces.cli.options import Json
from ischio.interfaces.cli.stored import DEFAULT, StoreUrl, opened, operator, refuse_unknown_organisation
from ischio.interfaces.cli.terminal import console, print_json
from ischio.interfaces.printable import clean
from ischio.model.mistake import IschioError, Mistake

if TYPE_CHECKING:
    from ischio.clinic.accounts import Accounts
    from ischio.store.accounts import Account, Role
    from ischio.store.store import Store

Login = Annotated[str, typer.Argument(metavar="LOGIN", help="The name to sign in with; case does not matter.")]
Issuer = Annotated[
    str, typer.Option(metavar="URL", help="Who says who they are: the FHIR address of a records system, or a provider.")
]
Subject = Annotated[
    str, typer.Option(metavar="NAME", help="As it names them: Practitioner/7, or the `sub` of a token.")
]
ROLES = ("clinician", "coordinator", "author", "researcher", "administrator")


def add_to(app: typer.Typer) -> None:
    account = typer.Typer(
        help="Who may sign in to the pages of the service. A password is asked for, or read from the input.",
        no_args_is_help=True,
        rich_markup_mode=None,
        epilog="Example: ischio account list",
    )
    account.command(
        epilog="Example: ischio account add anna --organisation hip-clinic --called 'Hip clinic' --role clinician"
    )(add)
    account.command("list", epilog="Example: ischio account list --json")(show_all)
    account.command(epilog="Example: ischio account close anna")(close)
    account.command(epilog="Example: ischio account password anna < password.txt")(password)
    account.command(
        epilog="Example: ischio account link anna --issuer https://fhir.example.org/r4 --subject Practitioner/7"
    )(link)
    account.command(
        epilog="Example: ischio account unlink --issuer https://fhir.example.org/r4 --subject Practitioner/7"
    )(unlink)
    account.command(epilog="Example: ischio account identities --json")(identities)
    app.add_typer(account, name="account")


def add(
    login: Login,
    organisation: Annotated[
        str, typer.Option(metavar="ID", help="Whose people they look after: a short name in small letters.")
    ],
    role: Annotated[list[str], typer.Option(metavar="ROLE", help=f"{', '.join(ROLES)}; may be given several times.")],
    called: Annotated[
        str, typer.Option(metavar="NAME", help="The organisation's name, to make it if it is not there yet.")
    ] = "",
    store: StoreUrl = DEFAULT,
    as_json: Json = False,
) -> None:
    """Opens an account. The first of an organisation makes the organisation, with --called."""
    roles = _roles(role)
    with _accounts(store) as (found, accounts):
        if not called:  # else it is made; told before a password is typed in vain
            refuse_unknown_organisation(found, organisation, "To make it, give its name: --called NAME")
        made = accounts.add(login, read_password(), organisation, roles, operator(), name=called)
    _tell(made, "Added", as_json)


def show_all(store: StoreUrl = DEFAULT, as_json: Json = False) -> None:
    """Every account, closed ones too."""
    with _accounts(store) as (_, accounts):
        every = accounts.every(operator())
    if as_json:
        print_json({"accounts": [_data(each) for each in every]})
        return
    for each in every:
        console().print(Text(clean(_line(each))), soft_wrap=True)
    if not every:
        console().print("There are none. Add one: ischio account add --help")


def close(login: Login, store: StoreUrl = DEFAULT, as_json: Json = False) -> None:
    """Closes an account: nobody can sign in with it, and who is signed in is so no longer."""
    with _accounts(store) as (_, accounts):
        closed = accounts.close(login, operator())
    _tell(closed, "Closed", as_json)


def password(login: Login, store: StoreUrl = DEFAULT, as_json: Json = False) -> None:
    """Gives an account another password, ends its sessions, and lets it sign in at once after failed tries."""
    with _accounts(store) as (_, accounts):
        accounts.named(login, operator())
        changed = accounts.set_password(login, read_password(), operator())
    _tell(changed, "Password changed", as_json)


def link(login: Login, issuer: Issuer, subject: Subject, store: StoreUrl = DEFAULT, as_json: Json = False) -> None:
    """Links an account to somebody as another provider knows them: they sign in from there without a password."""
    from ischio.clinic.identities import Identities
    from ischio.store.identities import Identity

    with _accounts(store) as (found, accounts):
        account = accounts.named(login, operator())
        Identities(found).link(Identity(issuer.rstrip("/"), subject), account, operator())
    _tell(account, "Linked", as_json)


def unlink(issuer: Issuer, subject: Subject, store: StoreUrl = DEFAULT, as_json: Json = False) -> None:
    """Takes a link away, and ends the sessions that were begun by it."""
    from ischio.clinic.identities import Identities
    from ischio.store.identities import Identity

    with _accounts(store) as (found, _):
        account = Identities(found).unlink(Identity(issuer.rstrip("/"), subject), operator())
    _tell(account, "Unlinked", as_json)


def identities(store: StoreUrl = DEFAULT, as_json: Json = False) -> None:
    """Who is known to another provider, and as which account here."""
    with _accounts(store) as (found, accounts):
        logins = {each.id: each.login for each in accounts.every(operator())}
        every = [
            {"login": logins[account], "issuer": identity.issuer, "subject": identity.subject}
            for identity, account in found.identities.all()
        ]
    if as_json:
        print_json({"identities": every})
        return
    for each in every:
        console().print(Text(clean(f"{each['login']}  {each['issuer']}  {each['subject']}")), soft_wrap=True)
    if not every:
        console().print("There are none. They are made at a first launch, or by: ischio account link --help")


@contextmanager
def _accounts(store: str) -> "Iterator[tuple[Store, Accounts]]":
    with opened(store) as found:
        try:
            from ischio.clinic.accounts import Accounts
            from ischio.clinic.passwords import Passwords
        except ImportError as error:
            what = f"{error.name} is not installed."
            raise IschioError(Mistake(what, "Install it: pip install 'ischio[serve]'")) from None
        yield found, Accounts(found, Passwords)


def read_password() -> str:
    """Typed twice at a terminal; else the first line of the input. Never an option: others can read those."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    typed = getpass("Password: ")
    if typed != getpass("Once more: "):
        raise IschioError(Mistake("The two passwords are not the same.", "Give the command again."))
    return typed


def _roles(written: list[str]) -> "frozenset[Role]":
    wrong = sorted(set(written) - set(ROLES))
    if wrong:
        raise IschioError(Mistake(f"There is no role {wrong[0]!r}.", f"One of {', '.join(ROLES)}."))
    from ischio.store.accounts import Role

    return frozenset(map(Role, written))


def _tell(account: "Account", done: str, as_json: bool) -> None:
    if as_json:
        print_json(_data(account))
    else:
        console().print(Text(clean(f"{done}: {_line(account)}")), soft_wrap=True)


def _line(account: "Account") -> str:
    told = _data(account)
    return f"{account.login}  {account.organisation}  {', '.join(told['roles'])}{'' if account.open else '  closed'}"


def _data(account: "Account") -> dict[str, Any]:
    return {
        "id": account.id,
        "login": account.login,
        "organisation": account.organisation,
        "roles": sorted(role.value for role in account.roles),
        "open": account.open,
    }
