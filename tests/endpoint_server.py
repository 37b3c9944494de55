"""A real HTTP server on loopback whose answers a test writes."""

from __future__ import annotations

import asyncio
import json
import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass(frozen=True, kw_only=True)
class Call:
    """A request as it came in."""

    path: str
    body: Any
    headers: Mapping[str, str]
    number: int
    """Counted from 1."""

    @property
    def text(self) -> str:
        """All messages of a chat, joined."""
        return "\n\n".join(message["content"] for message in self.body["messages"])


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the server does about a call."""

    body: Any = None
    """Sent as JSON; bytes are sent as they are."""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    hang: bool = False
    """Say nothing until the server ends."""
    drop: bool = False
    """Close the connection without a word."""
    delay: float = 0.0
    """Seconds until it is sent."""


class Server:
    """Answers each request by `script`; use it as a context manager."""

    def __init__(self, script: Callable[[Call], Answer]) -> None:
        self.calls: list[Call] = []
        self.most_at_once = 0
        self._mistakes: list[Exception] = []
        self._script = script
        self._at_once = self._port = 0
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/v1"

    def __enter__(self) -> Server:
        self._thread.start()
        self._started.wait()
        assert self._port, "the server did not start"
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._ending.set)
        self._thread.join()
        if self._mistakes:
            raise self._mistakes[0]

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        finally:
            self._started.set()

    async def _serve(self) -> None:
        self._loop, self._ending = asyncio.get_running_loop(), asyncio.Event()
        app = web.Application(client_max_size=1 << 28)
        app.router.add_route("*", "/{path:.*}", self._answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        assert site._server is not None
        self._port = site._server.sockets[0].getsockname()[1]
        self._started.set()
        await self._ending.wait()
        await runner.cleanup()

    def _run_script(self, call: Call) -> Answer:
        """A script's failed assertion is the test's failure, and ends the client's patience."""
        try:
            return self._script(call)
        except Exception as mistake:
            self._mistakes.append(mistake)
            return refuse(400, "the script failed")

    async def _answer(self, request: web.Request) -> web.Response:
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            body = json.loads(await request.read() or b"null")
            call = Call(
                path=request.path,
                body=body,
                headers=request.headers,
                number=len(self.calls) + 1,
            )
            self.calls.append(call)
            # Let the calls that are under way at the same time arrive.
            await asyncio.sleep(0)
            answer = self._run_script(call)
            if answer.delay:
                await asyncio.sleep(answer.delay)
            if answer.hang:
                await self._ending.wait()
            if answer.drop and request.transport is not None:
                request.transport.abort()
        finally:
            self._at_once -= 1
        raw = answer.body
        data = raw if isinstance(raw, bytes) else json.dumps(raw).encode()
        return web.Response(
            status=answer.status, body=data, content_type="application/json", headers=answer.headers
        )


def chat(
    content: Any, *, finish: str = "stop", logprobs: Any = None, tokens: tuple[int, int] = (100, 10)
) -> Answer:
    """A chat completion that says `content`; what is no text is written as JSON."""
    text = content if isinstance(content, str) else json.dumps(content)
    choice = {
        "index": 0,
        "finish_reason": finish,
        "message": {"role": "assistant", "content": text},
        "logprobs": logprobs,
    }
    usage = {"prompt_tokens": tokens[0], "completion_tokens": tokens[1]}
    return Answer(body={"object": "chat.completion", "choices": [choice], "usage": usage})


def models(*ids: str, **more: Any) -> Answer:
    """A list of models, each with further fields."""
    data = [{"id": name, "object": "model", "owned_by": "tests", **more} for name in ids]
    return Answer(body={"object": "list", "data": data})


def logprobs_of(pieces: list[str], at: int, probabilities: Mapping[str, float]) -> Any:
    """Log-probabilities of a text in pieces; the one at `at` has the given alternatives."""

    def token(text: str, top: Mapping[str, float]) -> dict[str, Any]:
        alternatives = [{"token": t, "logprob": math.log(p), "bytes": None} for t, p in top.items()]
        own = math.log(top.get(text, 1.0))
        return {"token": text, "logprob": own, "bytes": None, "top_logprobs": alternatives}

    content = [
        token(piece, probabilities if i == at else {piece: 1.0}) for i, piece in enumerate(pieces)
    ]
    return {"content": content}


def refuse(status: int, message: str, **headers: str) -> Answer:
    """An error as OpenAI's API words it."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status=status, body={"error": {"message": message}}, headers=named)
