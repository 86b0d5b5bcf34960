"""The same echo with mmpy_bot."""

import os
from urllib.parse import urlsplit

from mmpy_bot import Bot, Message, Plugin, Settings, listen_to


class Echo(Plugin):
    @listen_to("^echo")
    async def echo(self, message: Message) -> None:
        self.driver.create_post(message.channel_id, "echo: " + message.text)


# Its own settings have the same names, and mean other things.
url = urlsplit(os.environ.pop("MATTERMOST_URL"))
settings = Settings(
    MATTERMOST_URL=f"http://{url.hostname}",
    MATTERMOST_PORT=url.port,
    BOT_TEAM="team",
    SSL_VERIFY=False,
)
Bot(settings=settings, plugins=[Echo()], enable_logging=False).run()
