"""The PBX's side, for both scripts: signs in, subscribes, and gives each event with what it is about."""

import json
import os
import ssl

from websockets.asyncio.client import connect

TENANTS = ["710000000000000001", "720000000000000001"]
TOPICS = ["global_extension_management_events", "global_extension_events", "global_cdr_events",
          "global_queue_management_events", "global_queue_events"]


async def events():
    ca_file = os.environ.get("PBX_CA_FILE")
    tls = ssl.create_default_context(cafile=ca_file) if ca_file else None
    async with connect(os.environ["PBX_URL"], ssl=tls) as socket:
        await socket.send(json.dumps({"command": "auth", "username": "admin", "password": "secret"}))
        for topic in TOPICS:
            await socket.send(json.dumps({"command": "subscribe", "topics": [topic], "tenants": TENANTS}))
        async for message in socket:
            event = json.loads(message)
            if "event_type" in event:  # and no answer to a command
                yield message, entity(event)


def entity(event):
    for field in ("queue_id", "queue_number"):
        if event.get(field):
            return event[field]
    for field in ("extension", "extension_number"):
        if event.get(field):
            return number(event[field])
    if event.get("session_id"):
        return event["session_id"]
    return number(event["status"][0]["extension"])  # extension_status


def number(extension):
    """The PBX names an extension by its number here and by its SIP address there."""
    return extension.removeprefix("sip:").partition("@")[0]
