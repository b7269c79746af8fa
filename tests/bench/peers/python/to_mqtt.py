"""PBX to MQTT with websockets and paho-mqtt."""

import asyncio
import os
import signal

import paho.mqtt.client as mqtt

import pbx

VERSIONS = {"5": mqtt.MQTTv5, "3.1.1": mqtt.MQTTv311}
client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, protocol=VERSIONS[os.environ["MQTT_VERSION"]])
# Its own window of 20 in flight stays: with 1,000 it is half as fast, for it goes through all of them at each answer.
client.max_queued_messages_set(10_000)


async def run():
    async for message, key in pbx.events():
        while client.publish(f"pbx/{key}", message, qos=1).rc == mqtt.MQTT_ERR_QUEUE_SIZE:
            await asyncio.sleep(0.01)


async def main():
    client.connect("127.0.0.1", int(os.environ["MQTT_PORT"]))
    client.loop_start()
    task = asyncio.create_task(run())
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        pass
    finally:
        client.disconnect()
        client.loop_stop()


asyncio.run(main())
