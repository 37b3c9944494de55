"""Calls of a judge to a real server on loopback, as multiples of the ideal time.

    python bench/judge_calls.py [--calls 1000] [--concurrency 64] [--milliseconds 500 50]
                                [--repeats 3] [--arms endpoint judge geval deepeval httpx openai]

The server is a process of its own and answers each call after the given time. Ideal is
ceil(calls / concurrency) times that. Bars: `endpoint` and `judge` 1.15× at 500 ms and 2.5× at
50 ms, and faster than `deepeval`, its own `evaluate` with its own client, one metric a case.
`geval` is deepeval's metric over our calls; `httpx` and `openai` are those clients with a
semaphore. All arms take turns in one run; each has one call before it is timed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ |= {
    "DEEPEVAL_TELEMETRY_OPT_OUT": "1",
    "DEEPEVAL_DISABLE_DOTENV": "1",
    "DEEPEVAL_FILE_SYSTEM": "READ_ONLY",
    "DEEPEVAL_NO_INSPECT_PROMPT": "1",
    "DEEPEVAL_DISABLE_TIMEOUTS": "1",
}

Arm = Callable[[int], int]
"""Makes so many calls; how many of them gave a value."""


def serve() -> None:
    """Answer on a free port, which is printed; the path's first part is the delay in ms."""
    from aiohttp import web

    said = json.dumps({"reason": "fine", "rating": 4, "score": 10})
    message = {"role": "assistant", "content": said}
    usage = {"prompt_tokens": 300, "completion_tokens": 12, "total_tokens": 312}
    completion = {
        "id": "1", "object": "chat.completion", "created": 1, "model": "m", "usage": usage,
        "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
    }  # fmt: skip

    async def answer(request: web.Request) -> web.Response:
        await request.read()
        await asyncio.sleep(int(request.match_info["delay"]) / 1000)
        return web.json_response(completion)

    async def main() -> None:
        app = web.Application()
        app.router.add_post("/{delay}/v1/chat/completions", answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, backlog=1024)
        await site.start()
        print(site._server.sockets[0].getsockname()[1], flush=True)  # type: ignore[union-attr]
        await asyncio.Event().wait()

    asyncio.run(main())


def body(n: int) -> dict[str, Any]:
    return {"model": "m", "messages": [{"role": "user", "content": f"Judge number {n}. " * 60}]}


def of_endpoint(url: str, concurrency: int) -> Arm:
    from pytest_ragft.endpoint.client import Endpoint

    endpoint = Endpoint(url, concurrency=concurrency)

    def run(calls: int) -> int:
        replies = endpoint.post_many("chat/completions", [body(n) for n in range(calls)])
        return sum(reply.error is None for reply in replies)

    return run


def of_judge(url: str, concurrency: int, *, geval: bool = False) -> Arm:
    from pytest_ragft.endpoint.client import Endpoint
    from pytest_ragft.judging.llm.direct import OpenAIJudge
    from pytest_ragft.judging.llm.geval import GEvalJudge
    from pytest_ragft.records import Case, QAExample

    kind = GEvalJudge if geval else OpenAIJudge
    judge = kind("m", Endpoint(url, concurrency=concurrency))

    def run(calls: int) -> int:
        # Two calls a case.
        cases = [
            Case(
                example=QAExample(id=str(n), question=f"Question {n}?", references=("Paris",)),
                answer=f"Paris, number {n}",
            )
            for n in range(math.ceil(calls / 2))
        ]
        found = judge.judge(cases)
        return sum(s.value is not None for scores in found for s in scores.values())

    return run


def of_deepeval(url: str, concurrency: int) -> Arm:
    from deepeval import evaluate
    from deepeval.evaluate.configs import AsyncConfig, CacheConfig, DisplayConfig, ErrorConfig
    from deepeval.metrics import GEval
    from deepeval.models import LocalModel
    from deepeval.test_case import LLMTestCase, SingleTurnParams

    from pytest_ragft.judging.llm.rubrics import geval_steps

    fields = (
        SingleTurnParams.INPUT,
        SingleTurnParams.ACTUAL_OUTPUT,
        SingleTurnParams.EXPECTED_OUTPUT,
    )
    model = LocalModel(model="m", api_key="none", base_url=url)

    def run(calls: int) -> int:
        metric = GEval(
            name="accuracy",
            evaluation_params=list(fields),
            evaluation_steps=list(geval_steps("accuracy", "name")),
            model=model,
        )
        cases = [
            LLMTestCase(
                input=f"Question {n}?", actual_output=f"Paris, number {n}", expected_output="Paris"
            )
            for n in range(calls)
        ]
        done = evaluate(
            cases,
            [metric],
            async_config=AsyncConfig(max_concurrent=concurrency, throttle_value=0),
            display_config=DisplayConfig(
                show_indicator=False, print_results=False, inspect_after_run=False
            ),
            cache_config=CacheConfig(write_cache=False, use_cache=False),
            error_config=ErrorConfig(ignore_errors=True),
        )
        return sum(data.score is not None for r in done.test_results for data in r.metrics_data)

    return run


def of_client(url: str, concurrency: int, *, name: str) -> Arm:
    """httpx or the openai client, with a semaphore."""

    async def main(calls: int) -> int:
        slots = asyncio.Semaphore(concurrency)
        if name == "httpx":
            import httpx

            limits = httpx.Limits(max_connections=concurrency)
            async with httpx.AsyncClient(limits=limits, timeout=60) as client:

                async def one(n: int) -> bool:
                    async with slots:
                        reply = await client.post(f"{url}/chat/completions", json=body(n))
                    return bool(reply.json()["choices"])

                return sum(await asyncio.gather(*(one(n) for n in range(calls))))
        from openai import AsyncOpenAI

        async with AsyncOpenAI(base_url=url, api_key="none") as openai:

            async def ask(n: int) -> bool:
                async with slots:
                    return bool((await openai.chat.completions.create(**body(n))).choices)

            return sum(await asyncio.gather(*(ask(n) for n in range(calls))))

    return lambda calls: asyncio.run(main(calls))


def arms_of(names: list[str], url: str, concurrency: int) -> dict[str, Arm]:
    known: dict[str, Callable[[], Arm]] = {
        "endpoint": lambda: of_endpoint(url, concurrency),
        "judge": lambda: of_judge(url, concurrency),
        "geval": lambda: of_judge(url, concurrency, geval=True),
        "deepeval": lambda: of_deepeval(url, concurrency),
        "httpx": lambda: of_client(url, concurrency, name="httpx"),
        "openai": lambda: of_client(url, concurrency, name="openai"),
    }
    return {name: known[name]() for name in names}


def measure(arms: dict[str, Arm], calls: int, repeats: int) -> dict[str, list[float]]:
    for arm in arms.values():
        arm(2)
    times: dict[str, list[float]] = {name: [] for name in arms}
    for turn in range(repeats):
        for name in sorted(arms, reverse=turn % 2 == 1):
            start = time.perf_counter()
            good = arms[name](calls)
            times[name].append(time.perf_counter() - start)
            assert good >= calls, f"{name}: {good} of {calls} calls gave a value"
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=1000)
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--milliseconds", type=int, nargs="+", default=[500, 50])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument(
        "--arms", nargs="+", default=["endpoint", "judge", "geval", "deepeval", "httpx", "openai"]
    )
    chosen = parser.parse_args()
    server = subprocess.Popen(
        [sys.executable, __file__, "serve"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        print(f"{chosen.calls} calls, {chosen.concurrency} at a time; multiples of the ideal time")
        for delay in chosen.milliseconds:
            url = f"http://127.0.0.1:{port}/{delay}/v1"
            arms = arms_of(chosen.arms, url, chosen.concurrency)
            times = measure(arms, chosen.calls, chosen.repeats)
            ideal = math.ceil(chosen.calls / chosen.concurrency) * delay / 1000
            print(f"{delay} ms a call, ideal {ideal:.2f} s: median (least to most)")
            for name, values in times.items():
                low, middle, high = (f(values) / ideal for f in (min, statistics.median, max))
                print(f"  {name:9} {middle:6.2f}×  ({low:.2f} to {high:.2f})")
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        serve()
    else:
        # deepeval writes into the working folder.
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            main()
