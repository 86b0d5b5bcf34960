"""Floods at the doors, by callers who prove nothing, while good calls go on. Part of tests/earnest.

The flood and the good calls are processes of their own, so that neither waits for the other's interpreter.
"""

import heapq
import http.client
import json
import os
import random
import resource
import selectors
import signal
import socket
import subprocess
import sys
import time

SECONDS = 15
FILES = 256  # that the bot may open
MEMORY = 150  # MB, at most
PATIENCE = 100  # ms, within which 99 of 100 good calls are answered

MB = 1_000_000
KIB = 1024
ID = "f47qhit1gidnznckaqxfwxw5tw"  # that is one, and nobody's


def floods(town, flood=None, **_):
    """Each flood in turn, or one; gives the sentences that should not be true."""
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    town.start_bot(files=FILES)
    person, channel = town.people[0], town.channels[0]
    command = {"channel_id": channel, "team_id": town.team, "command": '/poll "Flood?" "One" "Two"'}
    person.call("POST", "/commands/execute", command)
    card = None
    while card is None:
        time.sleep(0.1)
        posts = person.call("GET", f"/channels/{channel}/posts")["posts"].values()
        card = next((post for post in posts if (post.get("props") or {}).get("attachments")), None)
    actions = [action["id"] for action in card["props"]["attachments"][0]["actions"][:2]]
    goal = {
        "port": town.port, "admin": town.admin, "token": person.token, "seconds": SECONDS,
        "command": command | {"command": "/poll help"}, "votes": [f"/posts/{card['id']}/actions/{a}" for a in actions],
    }
    return [sentence for kind in ([flood] if flood else FLOODS) for sentence in flooded(town, kind, goal)]


def flooded(town, kind, goal):
    town.forget_top()
    flood = begin("flood", {"kind": kind, "port": town.hooks, "seconds": SECONDS + 2})
    time.sleep(1)
    calls = begin("calls", goal)
    while calls.poll() is None:
        town.memory()
        time.sleep(0.2)
    took = json.loads(calls.stdout.read())
    told = flood.communicate()[0].strip()
    wrong, figures = [], []
    for name, times in took.items():
        times = sorted(times)
        middle, late, worst = (times[min(len(times) - 1, len(times) * part // 100)] for part in (50, 99, 100))
        figures.append(f"{name} {middle:.0f}/{late:.0f}/{worst:.0f} ms")
        if late > PATIENCE:
            wrong.append(f"{kind}: 99 of 100 good calls ({name}) took up to {late:.0f} ms")
    if town.top > MEMORY:
        wrong.append(f"{kind}: it took {town.top:.0f} MB")
    print(f"  {kind}: {told}; memory at most {town.top:.0f} MB; half, 99 of 100 and all of {len(times)} good calls each within: {', '.join(figures)}", flush=True)
    time.sleep(3)
    return wrong


def begin(what, *words):
    command = [sys.executable, __file__, what, *map(json.dumps, words)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def calls(port, admin, token, seconds, command, votes):
    """Good calls, one after the other: how long each took, in ms."""
    kept = http.client.HTTPConnection("127.0.0.1", port, timeout=40)
    headers = {"Authorization": f"Bearer {token}", "X-Requested-With": "XMLHttpRequest"}

    def asks(connection, method, path, body=None):
        begun = time.monotonic()
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        reply = connection.getresponse()
        text = reply.read()
        if reply.status != 200:
            print(f"{path} is answered with {reply.status}: {text.decode(errors='replace')}", file=sys.stderr)
            return 40_000
        return (time.monotonic() - begun) * 1000

    took, until, n = {"slash": [], "click": [], "live": []}, time.monotonic() + seconds, 0
    while time.monotonic() < until:
        took["slash"].append(asks(kept, "POST", "/api/v4/commands/execute", command))
        took["click"].append(asks(kept, "POST", "/api/v4" + votes[n % 2], {}))
        fresh = http.client.HTTPConnection("127.0.0.1", admin, timeout=40)
        took["live"].append(asks(fresh, "GET", "/health/live"))
        fresh.close()
        n += 1
        time.sleep(0.02)
    print(json.dumps(took))


def head(method, path, kind, *more):
    lines = [f"{method} {path} HTTP/1.1", "Host: bot", f"Content-Type: {kind}", *more]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def whole(path, kind, text):
    body = text.encode()
    return head("POST", path, kind, f"Content-Length: {len(body)}") + body, b""


def endless(method, path, *more):
    chunk = b"4000\r\n" + b"x" * 0x4000 + b"\r\n"
    return head(method, path, "application/json", "Transfer-Encoding: chunked", *more), chunk * 4


def unread(method, path, length):
    return head(method, path, "application/json", f"Content-Length: {length}") + b"x" * length, b""


def wrong_types():
    """Bodies as large as their doors take, of what is dear to read."""
    names = ("user_id", "channel_id", "post_id", "team_id", "state", "trigger_id", "command", "token")
    named = {name: ID for name in names}
    known, pairs = json.dumps(named)[:-1], "&".join(f"{name}={value}" for name, value in named.items())

    def fill(what, size):
        return what * ((size - 2000) // len(what))

    for path, size, field in [("/dialogs", KIB * KIB, "submission"), ("/dialogs", KIB * KIB, "x"), ("/actions", 256 * KIB, "context"), ("/outgoing", 512 * KIB, "text")]:
        keys = ",".join(f'"{n}":0' for n in range(size // 12))
        values = [f'"{fill("x", size)}"', f"[{fill('0,', size)}0]", f"[{fill('{},', size)}0]", f'{{"a":[{fill(chr(34) * 2 + ",", size)}0]}}', f"{{{keys}}}"]
        for value in values:
            yield whole(path, "application/json", f'{known}, "{field}": {value}}}')
        yield whole(path, "application/json", fill("[", size))
    for path in ("/slash", "/outgoing"):
        for what in ("&a=", "&%61=", "&text=%80", "&x=" + "%80" * 1000, f"&user_mentions=a&user_mentions_ids={ID}"):
            yield whole(path, "application/x-www-form-urlencoded", fill(what, 512 * KIB)[1:] + "&" + pairs)


# By kind: how many call at once, and what they say.
FLOODS = {
    "nobody": (0, lambda: []),
    "idle": (3400, lambda: [(b"", b"")]),
    "bodies": (6000, lambda: [whole("/dialogs", "application/json", '{"state": "' + "x" * MB + '"}')]),
    "endless": (20, lambda: [endless("POST", "/dialogs"), endless("POST", "/nowhere"), endless("GET", "/slash")]),
    "upgrades": (20, lambda: [endless("GET", path, "Connection: Upgrade", "Upgrade: websocket") for path in ("/slash", "/", "/actions")]),
    "unread": (200, lambda: [unread("POST", "/nowhere", MB), unread("PUT", "/actions", MB), unread("POST", "/slash", MB)]),
    "wrong types": (600, lambda: list(wrong_types())),
}


class Caller:
    """One connection after the other, each saying the same."""

    def __init__(self, says, more):
        self.says, self.more = memoryview(says), memoryview(more)

    def connects(self, port):
        self.line = socket.socket()
        self.line.setblocking(False)
        self.line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65_536)
        # Many addresses, for there are too few ports.
        self.line.bind((f"127.0.{random.randrange(1, 250)}.{random.randrange(1, 250)}", 0))
        self.line.connect_ex(("127.0.0.1", port))
        self.left, self.answer = self.says, b""

    def speaks(self):
        """Says as much as goes out; whether there is more to say."""
        sent = self.line.send(self.left[:262_144])
        self.left = self.left[sent:] or self.more
        return bool(self.left)

    def listens(self):
        """Whether it is still open."""
        heard = self.line.recv(4096)
        self.answer += heard[: 64 - len(self.answer)]
        return bool(heard)


def flood(kind, port, seconds):
    """So many callers at once; who was sent away comes again a second later. Says how they fared."""
    count, bodies = FLOODS[kind]
    bodies, ends, begun = bodies(), {}, 0
    waiting = [(0, n, Caller(*bodies[n % len(bodies)])) for n in range(count)]
    eyes, until = selectors.DefaultSelector(), time.monotonic() + seconds

    def over(caller, how):
        try:
            caller.listens()  # what came before a reset
        except OSError:
            pass
        eyes.unregister(caller.line)
        caller.line.close()
        how = caller.answer[9:12].decode() or how
        ends[how] = ends.get(how, 0) + 1
        heapq.heappush(waiting, (time.monotonic() + random.uniform(0.5, 1.5), random.random(), caller))

    while (now := time.monotonic()) < until:
        while waiting and waiting[0][0] <= now:
            caller = heapq.heappop(waiting)[2]
            caller.connects(port)
            begun += 1
            wants = selectors.EVENT_WRITE if caller.left else 0
            eyes.register(caller.line, wants | selectors.EVENT_READ, caller)
        if not count:
            time.sleep(0.1)
        for key, can in eyes.select(0.05) if count else ():
            caller = key.data
            try:
                if can & selectors.EVENT_READ and not caller.listens():
                    over(caller, "closed")
                elif can & selectors.EVENT_WRITE and not caller.speaks():
                    eyes.modify(caller.line, selectors.EVENT_READ, caller)
            except BlockingIOError:
                pass
            except OSError:
                over(caller, "reset")
    ends = ", ".join(f"{n} {how}" for how, n in sorted(ends.items()))
    print(f"{count} at once, {begun} connections ({ends or 'none ended'})")


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    arguments = json.loads(sys.argv[2])
    {"flood": flood, "calls": calls}[sys.argv[1]](**arguments)
