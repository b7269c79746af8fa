"""Reads records with the CloudEvents SDK, as any consumer would.

On standard input one JSON object a line: {"key": base64 or null, "value": base64, "headers": {name: base64}}.
On standard output, for each, what the SDK made of it: {"attributes": {...}, "data": ...}.
"""

import base64
import json
import sys

from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka_event


def plain(value):
    return value.isoformat() if hasattr(value, "isoformat") else value


for line in sys.stdin:
    record = json.loads(line)
    message = KafkaMessage(
        headers={name: base64.b64decode(value) for name, value in record["headers"].items()},
        key=base64.b64decode(record["key"]) if record["key"] is not None else None,
        value=base64.b64decode(record["value"]),
    )
    event = from_kafka_event(message)
    attributes = {name: plain(value) for name, value in event.get_attributes().items()}
    data = event.get_data()
    if isinstance(data, bytes):
        data = {"base64": base64.b64encode(data).decode()}
    print(json.dumps({"attributes": attributes, "data": data}), flush=True)
