"""What hook calls are measured against: a handler that decodes the body of a call and answers with 2 KB.

The same server in as many processes, without guards and without a store. `bench_hooks.py` starts it.
"""

import os

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from uvicorn.supervisors import Multiprocess

from ischio.cohort.processes import end_with_the_parent
from ischio.interfaces.cli.serve import configured
from ischio.interfaces.http.app import collect_seldom
from ischio.interfaces.http.settings_file import load_settings

TOLD = b'{"cards": [], "padding": "' + b"x" * 2000 + b'"}'


def application() -> Starlette:
    async def endpoint(request: Request) -> Response:
        msgspec.json.decode(await request.body())
        return Response(TOLD, media_type="application/json")

    end_with_the_parent()
    collect_seldom()
    return Starlette(routes=[Route("/cds-services/{id}", endpoint, methods=["POST"])])


def serve() -> None:
    """Says where, as `ischio serve` does."""
    config = configured(load_settings(None, os.environ | {"ISCHIO_SERVER_PORT": "0"}))
    config.app = "plain_handler:application"
    socket = config.bind_socket()
    print(f"Serving at http://127.0.0.1:{socket.getsockname()[1]}. Ctrl-C stops it.", flush=True)
    Multiprocess(config, sockets=[socket]).run()
