// node broker.js PATH_OF_AEDES PORT: an aedes on 127.0.0.1 that rejects topics below forbidden/.
const net = require('node:net')
const [aedesPath, port] = process.argv.slice(2)
const broker = require(aedesPath)({
  authorizePublish: (client, packet, callback) =>
    callback(packet.topic.startsWith('forbidden/') ? new Error('not authorized') : null)
})
net.createServer(broker.handle).listen(Number(port), '127.0.0.1')
