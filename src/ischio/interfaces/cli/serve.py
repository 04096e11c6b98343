"""`ischio serve`: the web service."""

import os
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ischio.interfaces.cli.options import Json
from ischio.interfaces.cli.stored import SettingsFile
from ischio.interfaces.cli.terminal import console, print_json
from ischio.model.mistake import IschioError, Mistake

if TYPE_CHECKING:
    from socket import socket as Socket

    from uvicorn import Config

    from ischio.interfaces.http.settings import Settings
    from ischio.store.store import Store


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: ischio serve --demo")(serve)


def serve(
    file: SettingsFile = None,
    host: Annotated[str | None, typer.Option(metavar="HOST", help="The address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(metavar="PORT", min=0, max=65535, help="0: any that is free.")] = None,
    demo: Annotated[bool, typer.Option("--demo", help="With a small record of its own, to see it work.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Check the settings and the pathway, and serve nothing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """The pathway inside a records system: CDS Hooks, the FHIR endpoint, and launch by SMART.

    Settings come from a file and from variables (ISCHIO_SERVER_PORT is `port` of `[server]`), options go before both.
    """
    try:
        import uvicorn  # noqa: F401  # only whether it is there
    except ImportError:
        raise IschioError(Mistake("The web service is not installed.", "pip install 'ischio[serve]'")) from None
    given = _given(file, host, port, demo)
    if check:
        _check(given, as_json)
    else:
        # Each process of the server reads the settings anew: the environment is what they share.
        os.environ |= given
        _serve(as_json)


def _given(file: Path | None, host: str | None, port: int | None, demo: bool) -> dict[str, str]:
    """The options as variables, which go before the file."""
    from ischio.interfaces.http.settings_file import FILE

    options = {"HOST": host, "PORT": port, "DEMO": "true" if demo else None}
    variables = {f"ISCHIO_SERVER_{name}": str(value) for name, value in options.items() if value is not None}
    return variables if file is None else variables | {FILE: str(file)}


def _settings(environment: Mapping[str, str]) -> "Settings":
    from ischio.interfaces.http.settings_file import FILE, load_settings

    file = environment.get(FILE)
    return load_settings(Path(file) if file else None, environment)


def _check(given: Mapping[str, str], as_json: bool) -> None:
    from ischio.interfaces.http.app import service_of

    settings = _settings(os.environ | given)
    service = service_of(settings)
    told = data(settings) | {"pathway": f"{service.pathway.id} {service.pathway.version}"}
    if as_json:
        print_json(told)
        return
    to = console()
    to.print("The settings and the pathway are fine.", style="bold")
    for name, value in told.items():
        to.print(f"{name:14} {', '.join(value) if isinstance(value, tuple) else value}", soft_wrap=True, markup=False)


def data(settings: "Settings") -> dict[str, Any]:
    """The settings for a person to read, without what is secret."""
    limits = settings.limits
    return {
        "address": settings.base,
        "listens on": f"{settings.host}:{settings.port}",
        "processes": settings.workers,
        "production": settings.production,
        "demonstration": settings.demo,
        "clients": tuple(client.issuer for client in settings.clients) or "anyone: nobody is asked who they are",
        "launched by": tuple(server.iss for server in settings.launches) or "nobody",
        "sign-in at": tuple(provider.issuer for provider in settings.sign_in) or "nobody: with a password alone",
        "records": settings.records or "none: no other server is asked",
        "origins": settings.origins or "none: no page of another site may call",
        "values of parameters": str(settings.overlay) if settings.overlay else "those of the pathway",
        "limits": f"{limits.body} bytes, {limits.seconds} s, {limits.requests} requests a minute",
    }


def _serve(as_json: bool) -> None:
    from uvicorn import Server
    from uvicorn.supervisors import Multiprocess

    from ischio.interfaces.http.guards.log import set_up_logging
    from ischio.store.store import open_store

    settings = _settings(os.environ)
    if settings.demo:
        _keep_nothing()
        settings = _settings(os.environ)
    # Here a store that cannot be used is told plainly, and several processes find it made.
    with closing(open_store(settings.store)) as store:
        if settings.demo:
            _furnish(store)
    set_up_logging()
    config = configured(settings)
    socket = _bound(config)
    if settings.port == 0:
        os.environ["ISCHIO_SERVER_PORT"] = str(socket.getsockname()[1])
        settings = _settings(os.environ)
    if settings.workers > 1:
        _share_counts()
        _tell(settings, as_json)
        Multiprocess(config, sockets=[socket]).run()
        return

    class Told(Server):
        """Says where it serves once it does."""

        async def startup(self, sockets: "list[Socket] | None" = None) -> None:
            await super().startup(sockets)
            _tell(settings, as_json)

    Told(config).run(sockets=[socket])


def _bound(config: "Config") -> "Socket":
    try:
        return config.bind_socket()
    except SystemExit:
        # The server has said in its log line what the system told it.
        what, mend = "Nothing can listen there.", "Stop what uses the port, or name another with --port or `[server]`."
        raise IschioError(Mistake(what, mend, f"{config.host}:{config.port}")) from None


def configured(settings: "Settings") -> "Config":
    """The server that carries the application: what it does by itself to slow and to greedy callers."""
    from uvicorn import Config

    from ischio.interfaces.http.guards.heads import TimedHeads

    return Config(
        "ischio.interfaces.http.app:application",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        http=TimedHeads,
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=bool(settings.proxies),
        forwarded_allow_ips=list(settings.proxies),
        limit_concurrency=500,
        timeout_keep_alive=int(settings.limits.seconds),
        # What runs when the service is told to stop may still end in its own time.
        timeout_graceful_shutdown=int(2 * settings.limits.seconds) + 1,
    )


def _tell(settings: "Settings", as_json: bool) -> None:
    if as_json:
        print_json(data(settings))
        return
    to = console()
    to.print(f"Serving at {settings.base}. Ctrl-C stops it.", style="bold", soft_wrap=True)
    if settings.demo:
        to.print(f"Open the clinic's application: {settings.base}/", soft_wrap=True)
        to.print(f"Open the small record: {settings.base}/ehr", soft_wrap=True)
        to.print(
            "All people are synthetic. What you change is gone when it stops; then it begins anew.", soft_wrap=True
        )


def _keep_nothing() -> None:
    """What the demonstration keeps ends with it, whatever store the settings name."""
    os.environ["ISCHIO_STORE_URL"] = f"sqlite:///{_folder()}/demonstration.db"


def _furnish(store: "Store") -> None:
    from datetime import UTC, datetime

    from ischio.clinic.demo import furnish

    furnish(store, datetime.now(UTC))


def _share_counts() -> None:
    """Several processes count into one folder."""
    from ischio.interfaces.http.guards.metrics import SHARED

    os.environ[SHARED] = _folder()


def _folder() -> str:
    """A new folder that ends with this process."""
    import atexit
    from shutil import rmtree
    from tempfile import mkdtemp

    folder = mkdtemp(prefix="ischio-")
    atexit.register(rmtree, folder, ignore_errors=True)
    return folder
