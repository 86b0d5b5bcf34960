"""mattermostautodriver as a person and as a bot, and a bot made with mmpy_bot.

Usage: driver.py ADDRESS PYTHON, where PYTHON has mmpy_bot (which needs an older driver).
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from urllib.parse import urlsplit

from mattermostautodriver import TypedDriver, Websocket

PATIENCE = 20


def driver(address, **options):
    parts = urlsplit(address)
    where = {"scheme": parts.scheme, "url": parts.hostname, "port": parts.port}
    return TypedDriver({**where, "timeout": PATIENCE, "keepalive": False, **options})


def person(address, name):
    found = driver(address, login_id=name, password=f"{name}-Passw0rd")
    assert found.login()["username"] == name
    assert found.client.token, "no token after a login"
    assert found.users.get_user("me")["username"] == name
    return found


def listens(client, act, wanted):
    """Opens the client's WebSocket, acts once it is greeted, and waits for an event."""
    events = []

    async def handle(message):
        event = json.loads(message)
        events.append(event.get("event"))
        if event.get("event") == "hello":
            act()
        if wanted(event):
            client.disconnect()

    async def listen():
        client.websocket = Websocket(client.options, client.client.token)
        await asyncio.wait_for(client.websocket.connect(handle), PATIENCE)

    asyncio.run(listen())
    return events


def posted(text):
    def wanted(event):
        return event.get("event") == "posted" and json.loads(event["data"]["post"])["message"] == text

    return wanted


def new_bot(address):
    """The admin makes a bot that is in the team and in a channel; gives its name and token."""
    admin = person(address, "admin")
    bot = admin.bots.create_bot(username="helper", display_name="Helper")["user_id"]
    token = admin.users.create_user_access_token(bot, description="drivers")["token"]
    team = admin.teams.get_team_by_name("home")["id"]
    admin.teams.add_team_member(team, user_id=bot)
    channel = admin.channels.get_channel_by_name(team, "dev")["id"]
    admin.channels.add_channel_member(channel, user_id=bot)
    return token, channel


def people(address, channel):
    ann, ben = person(address, "ann"), person(address, "ben")

    def act():
        made = ann.posts.create_post(channel_id=channel, message="by a driver")
        assert ann.posts.get_post(made["id"])["message"] == "by a driver"

    events = listens(ben, act, posted("by a driver"))
    assert events[0] == "hello", events
    ann.logout()


def bot(address, channel, token):
    helper = driver(address, token=token)
    assert helper.login()["username"] == "helper"

    def act():
        person(address, "ann").posts.create_post(channel_id=channel, message="to a bot")

    assert "posted" in listens(helper, act, posted("to a bot"))
    made = helper.posts.create_post(channel_id=channel, message="by a bot")
    assert helper.posts.get_post(made["id"])["props"]["from_bot"] == "true"


def ping(address, channel, token, python):
    parts = urlsplit(address)
    environment = dict(
        os.environ,
        MATTERMOST_URL=f"{parts.scheme}://{parts.hostname}",
        MATTERMOST_PORT=str(parts.port),
        BOT_TOKEN=token,
        BOT_TEAM="home",
        LOG_LEVEL="40",
    )
    program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "ping_bot.py")
    process = subprocess.Popen([python, program], env=environment)
    ann, until, answered = person(address, "ann"), time.monotonic() + PATIENCE, False
    try:
        # What is said before the bot listens is never answered, so it is said again.
        while process.poll() is None and time.monotonic() < until and not answered:
            asked = ann.posts.create_post(channel_id=channel, message="ping")["id"]
            time.sleep(0.3)
            thread = ann.posts.get_post_thread(asked)["posts"].values()
            answered = any(post["message"] == "pong" for post in thread)
    finally:
        process.kill()
        process.wait()
    assert answered, "nobody answered the ping"


def main():
    address, python = sys.argv[1:]
    token, channel = new_bot(address)
    people(address, channel)
    bot(address, channel, token)
    ping(address, channel, token, python)
    print("mattermostautodriver logged in, posted and listened; an mmpy_bot answered a ping")


if __name__ == "__main__":
    main()
