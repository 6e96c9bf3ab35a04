"""The emulated AWS that the tests run against: moto behind a small gate.

The gate serves one request at a time, because moto checks a condition and
writes in two steps without a lock; it answers late enough for a client that
is still sending; it remembers what it was asked, for tests that prove that
nothing was written; and it ends with the process that holds its standard
input, even when that one is killed.
"""

import io
import json
import logging
import os
import re
import sys
import threading
import time

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

# Terraform's HTTP client takes an answer that comes before it has finished
# sending for a broken connection, repeats the call and fails on its own lock.
LATENCY = 0.010


class Gate:
    """A WSGI application that lets one request at a time through to moto."""

    def __init__(self, application):
        self.application = application
        self.turn = threading.Lock()
        self.seen = []

    def __call__(self, environ, start_response):
        if environ["PATH_INFO"] == "/-/requests":
            return self.tell(start_response)
        body = b""
        if "CONTENT_LENGTH" in environ:
            body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"] or 0))
            environ["wsgi.input"] = io.BytesIO(body)
        time.sleep(LATENCY)
        with self.turn:
            if "HTTP_X_TEST_SUPPORT" not in environ:
                self.seen.append(asked(environ, body))
            # The whole answer is made before the next request is let in.
            return list(self.application(environ, start_response))

    def tell(self, start_response):
        with self.turn:
            answer = json.dumps(self.seen).encode()
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))])
        return [answer]


def asked(environ, body):
    """What a test may want to know of a request: never a header that could hold a credential."""
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    table = re.search(rb'"TableName"\s*:\s*"([^"]*)"', body) if target else None
    return {
        "method": environ["REQUEST_METHOD"],
        "path": environ["PATH_INFO"],
        "query": environ.get("QUERY_STRING", ""),
        "target": target.rpartition(".")[2],
        "table": table.group(1).decode() if table else "",
    }


def end_with_parent():
    sys.stdin.buffer.read()
    os._exit(0)


def main():
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    threading.Thread(target=end_with_parent, daemon=True).start()
    gate = Gate(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, gate, threaded=True, request_handler=WSGIRequestHandler)
    print(server.server_port, flush=True)
    server.serve_forever()


main()
