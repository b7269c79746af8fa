// PBX to Kafka with ws and kafkajs: while a batch is on its way, the next one gathers.
const { Kafka, logLevel } = require('kafkajs')
const pbx = require('./pbx')

const topic = process.env.KAFKA_TOPIC
const kafka = new Kafka({ brokers: [process.env.KAFKA_BROKER], logLevel: logLevel.ERROR })
// kafkajs asks for both with idempotence.
const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
const batchSize = 1000
const enough = 10 * batchSize

let waiting = []
let sending = false
let socket

async function send() {
  if (sending) return
  sending = true
  while (waiting.length > 0) {
    const messages = waiting.splice(0, batchSize)
    await producer.send({ topic, acks: -1, messages })
    if (socket.isPaused && waiting.length < enough) socket.resume()
  }
  sending = false
}

async function main() {
  await producer.connect()
  socket = pbx.connect((value, key) => {
    waiting.push({ key, value })
    if (waiting.length >= enough) socket.pause()
    send().catch(error => {
      console.error(error.message)
      process.exit(1)
    })
  })
  process.on('SIGTERM', () => producer.disconnect().then(() => process.exit(0)))
}

main()
