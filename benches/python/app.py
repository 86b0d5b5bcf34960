"""A poll as a user would write it on the stack of the guideline (FastAPI, uvicorn), to measure ours against.

Its state is in this process's memory and is lost with it; nothing but the token of the command is checked.
"""

import itertools
import os

from fastapi import FastAPI, Form, HTTPException, Request

TOKEN = os.environ["SLASH_TOKEN"]
URL = os.environ["INTEGRATION_URL"]
app = FastAPI()
polls: dict[str, dict] = {}
ids = itertools.count(1)


def actions(poll_id: str, options: list[str]) -> list[dict]:
    return [
        {
            "id": f"vote{i}",
            "name": option,
            "type": "button",
            "style": "primary",
            "integration": {
                "url": f"{URL}/actions",
                "context": {"action": "vote", "poll": poll_id, "option": i},
            },
        }
        for i, option in enumerate(options)
    ]


def render(poll: dict) -> str:
    counts = zip(poll["options"], poll["votes"])
    return "\n".join([f"**{poll['question']}**", *(f"{option}: {len(votes)}" for option, votes in counts)])


@app.post("/slash")
async def slash(token: str = Form(""), text: str = Form("")):
    if token != TOKEN:
        raise HTTPException(401)
    question, *options = [part.strip('"') for part in text.split('" "')]
    options = options or ["Yes", "No"]
    poll_id = str(next(ids))
    polls[poll_id] = {"question": question, "options": options, "votes": [set() for _ in options]}
    return {
        "response_type": "in_channel",
        "text": render(polls[poll_id]),
        "attachments": [{"text": "", "actions": actions(poll_id, options)}],
    }


@app.post("/actions")
async def act(request: Request):
    body = await request.json()
    context = body["context"]
    poll = polls.get(context["poll"])
    if poll is None:
        return {"ephemeral_text": "That poll is gone."}
    for votes in poll["votes"]:
        votes.discard(body["user_id"])
    poll["votes"][context["option"]].add(body["user_id"])
    attachments = [{"text": "", "actions": actions(context["poll"], poll["options"])}]
    return {
        "update": {"message": render(poll), "props": {"attachments": attachments}},
        "ephemeral_text": "Vote counted.",
    }
