"""The use cases that cogs may ask for."""

from dataclasses import dataclass

from bot.services.export import Export
from bot.services.finished import Finished
from bot.services.line import Line
from bot.services.moderation import Moderation
from bot.services.privacy import Privacy
from bot.services.recount import Recount
from bot.services.removal import Removal
from bot.services.reports import Reports
from bot.services.rerolls import Rerolls
from bot.services.restyle import Restyle
from bot.services.servers import Servers
from bot.services.showcase import Showcase
from bot.services.submission import Submission


@dataclass(frozen=True, kw_only=True, slots=True)
class Services:
    """One of each."""

    submission: Submission
    rerolls: Rerolls
    line: Line
    showcase: Showcase
    recount: Recount
    servers: Servers
    moderation: Moderation
    finished: Finished
    removal: Removal
    restyle: Restyle
    reports: Reports
    privacy: Privacy
    export: Export
