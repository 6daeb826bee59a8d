"""A gateway's error is no word of the service behind it, whatever it says."""

import pytest

from bot.domain.errors import PermanentError, UnknownOutcome
from bot.sandbox.segmind import LocalSegmind
from bot.segmind.client import open_segmind
from tests.contract.segmind.conftest import Canned, options
from tests.makers import request

FAILED = {"status": "FAILED", "error": "upstream"}


@pytest.mark.parametrize(("api", "status"), [("v1", 500), ("v1", 503), ("v2", 502), ("v2", 504)])
async def test_a_server_error_that_says_failed_leaves_a_submit_open(
    segmind: LocalSegmind, canned: Canned, api: str, status: int
) -> None:
    canned.says(FAILED, status=status)
    async with open_segmind(options(segmind, api=api, api_url=canned.url)) as client:
        with pytest.raises(UnknownOutcome):
            await client.submit(request(), [])


@pytest.mark.parametrize("api", ["v1", "v2"])
@pytest.mark.parametrize("status", [200, 400, 422])
async def test_a_failure_said_by_the_service_itself_is_final(
    segmind: LocalSegmind, canned: Canned, api: str, status: int
) -> None:
    canned.says(FAILED, status=status)
    async with open_segmind(options(segmind, api=api, api_url=canned.url)) as client:
        with pytest.raises(PermanentError):
            await client.submit(request(), [])
