"""A bot made with mmpy_bot that answers "ping"; where it lives is in its environment."""

from mmpy_bot import Bot, Plugin, Settings, listen_to


class Ping(Plugin):
    @listen_to("^ping$")
    async def ping(self, message):
        self.driver.reply_to(message, "pong")


Bot(settings=Settings(), plugins=[Ping()]).run()
