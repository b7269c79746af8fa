// The PBX's side, for both scripts: signs in, subscribes, and gives each event with what it is about.
const fs = require('fs')
const WebSocket = require('ws')

const tenants = ['710000000000000001', '720000000000000001']
const topics = ['global_extension_management_events', 'global_extension_events', 'global_cdr_events',
  'global_queue_management_events', 'global_queue_events']

function connect(onEvent) {
  const ca = process.env.PBX_CA_FILE && fs.readFileSync(process.env.PBX_CA_FILE)
  const socket = new WebSocket(process.env.PBX_URL, { ca })
  socket.on('open', () => {
    socket.send(JSON.stringify({ command: 'auth', username: 'admin', password: 'secret' }))
    for (const topic of topics) socket.send(JSON.stringify({ command: 'subscribe', topics: [topic], tenants }))
  })
  socket.on('message', data => {
    const event = JSON.parse(data)
    if (event.event_type) onEvent(data, entity(event)) // and no answer to a command
  })
  socket.on('error', error => console.error(error.message))
  return socket
}

function entity(event) {
  return event.queue_id || event.queue_number || number(event.extension || event.extension_number) || event.session_id ||
    number(event.status[0].extension) // extension_status
}

// The PBX names an extension by its number here and by its SIP address there.
function number(extension) {
  return extension && extension.replace(/^sip:/, '').split('@', 1)[0]
}

module.exports = { connect }
