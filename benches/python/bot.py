"""An echo as a user would write it on the stack of the guideline (websockets, httpx), to measure ours against.

It awaits each post, or with `--tasks` has a task for each channel.
"""

import asyncio
import json
import os
import sys

import httpx
import websockets

URL = os.environ["MATTERMOST_URL"]
TOKEN = os.environ["BOT_TOKEN"]
TASKS = "--tasks" in sys.argv


async def answer(client: httpx.AsyncClient, post: dict) -> None:
    body = {"channel_id": post["channel_id"], "message": "echo: " + post["message"]}
    await client.post("/api/v4/posts", json=body)


async def work(client: httpx.AsyncClient, posts: asyncio.Queue) -> None:
    while True:
        await answer(client, await posts.get())


async def hear(client: httpx.AsyncClient, me: str) -> None:
    channels: dict[str, asyncio.Queue] = {}
    workers = []
    async with websockets.connect(URL.replace("http", "ws", 1) + "/api/v4/websocket") as ws:
        challenge = {"seq": 1, "action": "authentication_challenge", "data": {"token": TOKEN}}
        await ws.send(json.dumps(challenge))
        async for raw in ws:
            event = json.loads(raw)
            if event.get("event") != "posted":
                continue
            post = json.loads(event["data"]["post"])
            if post["user_id"] == me:
                continue
            if not TASKS:
                await answer(client, post)
                continue
            if post["channel_id"] not in channels:
                channels[post["channel_id"]] = asyncio.Queue()
                workers.append(asyncio.create_task(work(client, channels[post["channel_id"]])))
            channels[post["channel_id"]].put_nowait(post)


async def main() -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with httpx.AsyncClient(base_url=URL, headers=headers) as client:
        me = (await client.get("/api/v4/users/me")).json()["id"]
        await hear(client, me)


asyncio.run(main())
