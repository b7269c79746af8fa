// PBX to MQTT with ws and mqtt.js, which has no window of its own: at most 1,000 are on their way, for a broker closes
// the connection of who exceeds its Receive Maximum.
const mqtt = require('mqtt')
const pbx = require('./pbx')

const client = mqtt.connect(`mqtt://127.0.0.1:${process.env.MQTT_PORT}`,
  { protocolVersion: process.env.MQTT_VERSION === '5' ? 5 : 4 })
const inFlightLimit = 1000
const enough = 10000

let waiting = []
let first = 0 // of those that wait: shifting an array of thousands is slow
let inFlight = 0
let socket

function send() {
  while (inFlight < inFlightLimit && first < waiting.length) {
    const { topic, payload } = waiting[first++]
    inFlight++
    client.publish(topic, payload, { qos: 1 }, error => {
      if (error) console.error(`lost an event of ${topic}: ${error.message}`)
      inFlight--
      send()
    })
  }
  if (first > enough) {
    waiting = waiting.slice(first)
    first = 0
  }
  if (socket.isPaused && waiting.length - first < enough) socket.resume()
}

client.on('connect', () => {
  if (socket) return
  socket = pbx.connect((payload, key) => {
    waiting.push({ topic: `pbx/${key}`, payload })
    if (waiting.length - first >= enough) socket.pause()
    send()
  })
})
client.on('error', error => console.error(error.message))
process.on('SIGTERM', () => client.end(false, () => process.exit(0)))
