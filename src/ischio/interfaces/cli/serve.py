"""`ischio serve`: the web service."""

from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: ischio serve --demo")(serve)


def serve(
    host: Annotated[str, typer.Option(metavar="HOST", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="PORT", min=0, max=65535, help="0: any that is free.")] = 8000,
    demo: Annotated[bool, typer.Option("--demo", help="With a small record of its own, to see it work.")] = False,
) -> None:
    """The pathway inside a records system: CDS Hooks, the FHIR endpoint, and launch by SMART."""
    import uvicorn

    from ischio.interfaces.http.app import build, service_of
    from ischio.interfaces.http.settings import Settings

    settings = Settings(base=f"http://{host}:{port}", demo=demo)
    uvicorn.run(build(service_of(settings)), host=host, port=port)
