"""Whether the server answers, and refuses who sends no token: one that lost its authentication is not healthy."""

import sys
import urllib.error
import urllib.request

UNAUTHORISED = 401


def status(url: str, body: bytes | None = None) -> int:
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(request, timeout=4) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def main(url: str = "http://127.0.0.1:2026") -> int:
    answers = status(f"{url}/health") == 200
    refuses = status(f"{url}/threads/search", b"{}") == UNAUTHORISED
    return 0 if answers and refuses else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
