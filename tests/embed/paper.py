"""The Daily's own page about the tram, on an address of its own: with fonts and colours of its own,
under a policy that lets no style and no script in but what it names."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Flask, Response

from tests.desk.conftest import served

PAGE = """<!doctype html>
<html lang="{lang}" dir="{dir}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tram line 7 reopens · The Daily</title>
<link rel="canonical" href="{origin}/tram-7">
<link rel="stylesheet" href="/paper.css">
</head>
<body class="{look}">
<header><p>The Daily</p></header>
<main>
<article>
<h1>Tram line 7 reopens</h1>
<p>After eleven months the trams run again between the harbour and the old market, every twelve
minutes, and every eight while the offices open.</p>
<p>The works cost a little less than was planned. Two stops have moved.</p>
</article>
<div id="comments">
<noscript><a href="{service}/embed/the-daily/tram-7">Read the comments</a></noscript>
</div>
</main>
<script src="{service}/embed.js" data-site="the-daily" data-story="tram-7" {attributes} async>
</script>
</body>
</html>
"""
STYLE = """
body { margin: 0; font: 18px/1.6 Georgia, "Noto Serif", serif; color: #222; background: #fdfbf7; }
header { padding: 1rem; border-bottom: 3px double #222; text-align: center; font-size: 1.6rem; }
header p { margin: 0; }
main { max-width: 46rem; margin: 0 auto; padding: 1rem; }
/* What a paper's own sheet does to everything, and should not do to the comments. */
button { background: #b00020; color: #fff; text-transform: uppercase; border: 0; }
p { margin-block: 0 1em; }
textarea, input { border: 4px dotted red; }
.dark { color: #e8e6e3; background: #15171a; font-family: Verdana, sans-serif;
  --comments-accent: #9cc9ff; --comments-radius: 1rem; color-scheme: dark; }
"""


@dataclass
class Paper:
    """How the page is, and what it asks of the script."""

    service: str = ""
    origin: str = ""
    lang: str = "en"
    dir: str = "ltr"
    look: str = ""
    attributes: str = ""
    token: str = ""


@contextmanager
def printed(paper: Paper) -> Iterator[Paper]:
    """The page on a port of its own; answers it, with its origin."""
    app = Flask(__name__)

    @app.get("/tram-7")
    def story() -> Response:
        shown = {
            name: getattr(paper, name) for name in ("lang", "dir", "look", "service", "origin")
        }
        page = PAGE.format(**shown, attributes=paper.attributes)
        response = Response(page, mimetype="text/html")
        response.headers["Content-Security-Policy"] = (
            f"default-src 'none'; script-src {paper.service}; style-src 'self';"
            f" connect-src 'self' {paper.service}; frame-src {paper.service}"
        )
        return response

    @app.get("/paper.css")
    def style() -> Response:
        return Response(STYLE, mimetype="text/css")

    @app.get("/token")
    def token() -> dict[str, str]:
        return {"token": paper.token}

    @app.get("/framed")
    def framed() -> str:
        return f'<iframe src="{paper.service}/embed/the-daily/tram-7"></iframe>'

    with served(app) as origin:
        paper.origin = origin
        yield paper
