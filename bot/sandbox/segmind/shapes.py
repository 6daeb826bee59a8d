"""Bodies of the local Segmind, in every shape the sources know."""

import base64
import json
from typing import Any

from bot.sandbox.segmind.behaviour import Behaviour
from bot.sandbox.segmind.jobs import Run


def submitted(run: Run, base: str) -> dict[str, Any]:
    """Answer a submit."""
    return {
        "request_id": run.id,
        "status": "QUEUED",
        "poll_url": f"{base}/v1/requests/{run.id}",
        "status_url": f"{base}/v2/requests/{run.id}/status",
        "response_url": f"{base}/v2/requests/{run.id}",
    }


def status(run: Run) -> dict[str, Any]:
    """Answer a status question."""
    metrics = {"inference_time": 44.1} if run.state == "COMPLETED" else {}
    body: dict[str, Any] = {"status": run.state, "request_id": run.id, "metrics": metrics}
    return body | ({"error": run.error} if run.state == "FAILED" else {})


def result(run: Run, urls: list[str], behaviour: Behaviour) -> dict[str, Any]:
    """Answer with the pictures."""
    metrics: dict[str, float] = {"inference_time": 44.1, "queue_time": 0.3, "total_time": 44.6}
    if behaviour.cost_mode != "absent":
        metrics |= {"cost": run.cost / 1e6, "remaining_credits": behaviour.balance / 1e6}
    body: dict[str, Any] = {
        "status": run.state,
        "error": None,
        "request_id": run.id,
        "output": output(urls, behaviour.output_shape),
        "metrics": metrics,
        "timings": {},
    }
    if behaviour.images_array == "strings":
        body["images"] = urls
    elif behaviour.images_array == "objects":
        body["images"] = [{"url": url, "content_type": "image/jpeg"} for url in urls]
        if behaviour.multi_count == "partial_error":
            body["images"].append({"error": {"code": "OutputImageSensitiveContentDetected"}})
    return body


def output(urls: list[str], shape: str) -> Any:  # noqa: ANN401 - any JSON
    """Write the pictures' addresses in one of the shapes of `output`."""
    if shape == "list":
        return urls
    if shape == "json_str":
        return json.dumps(urls)
    if shape == "dict":
        return {"images": [{"url": url} for url in urls]}
    return urls[0] if urls else ""


def inline(pictures: list[bytes]) -> dict[str, Any]:
    """Write the pictures themselves, as base64."""
    return {"image": [base64.b64encode(picture).decode() for picture in pictures]}
