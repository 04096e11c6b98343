"""A form as a browser or a client posts it: names and values, read without another package.

Starlette's own reading wants one (python-multipart), and is for forms with files.
"""

from urllib.parse import parse_qsl

from starlette.requests import Request

from ischio.interfaces.http.problems import Problem

MOST_FIELDS = 100


async def posted(request: Request) -> dict[str, str]:
    """The fields by name, the last of each. Raises Problem for what is no such form."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        mend = "Send it as application/x-www-form-urlencoded."
        raise Problem(415, "not-supported", "The body is not a form.", mend)
    try:
        text = (await request.body()).decode("utf-8")
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict"))
    except ValueError:
        raise Problem(400, "structure", "The form cannot be read.", "Send names and values in UTF-8.") from None
