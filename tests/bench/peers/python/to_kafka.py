"""PBX to Kafka with websockets and confluent-kafka."""

import asyncio
import os
import signal

from confluent_kafka import Producer

import pbx

TOPIC = os.environ["KAFKA_TOPIC"]
producer = Producer({"bootstrap.servers": os.environ["KAFKA_BROKER"], "acks": "all", "enable.idempotence": True,
                     "linger.ms": float(os.environ.get("LINGER_MS", 5))})


def delivered(error, message):
    if error is not None:
        print(f"lost an event of {message.key()}: {error}", flush=True)


async def run():
    async for message, key in pbx.events():
        while True:
            try:
                producer.produce(TOPIC, message, key=key, on_delivery=delivered)
                break
            except BufferError:  # the producer's queue is full
                producer.poll(0.1)
        producer.poll(0)


async def main():
    task = asyncio.create_task(run())
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        pass
    finally:
        producer.flush(10)


asyncio.run(main())
