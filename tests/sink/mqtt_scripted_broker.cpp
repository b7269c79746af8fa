#include "sink/mqtt_scripted_broker.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <optional>
#include <utility>

namespace pbxbridge::test {

using boost::asio::ip::tcp;

namespace {

enum class PacketType : std::uint8_t {
  connect = 1,
  connack = 2,
  publish = 3,
  puback = 4,
  unsubscribe = 10,
  unsuback = 11,
  pingreq = 12,
  pingresp = 13,
  disconnect = 14
};

std::string packet(PacketType type, const std::string& body) {
  return std::string{static_cast<char>(static_cast<int>(type) << 4), static_cast<char>(body.size())} + body;
}

/// Properties with their length: a Reason String or none.
std::string reason_properties(const std::string& reason_string) {
  if (reason_string.empty()) return {'\0'};
  const auto size = static_cast<char>(reason_string.size());
  return std::string{static_cast<char>(size + 3), '\x1F', '\0', size} + reason_string;
}

struct Packet {
  std::uint8_t first = 0;
  std::string body;
  PacketType type() const { return static_cast<PacketType>(first >> 4); }
  int qos() const { return (first >> 1) & 3; }
};

/// Takes the first whole packet off `received`.
std::optional<Packet> take_packet(std::string& received) {
  std::size_t size = 0;
  std::size_t at = 1;
  for (int shift = 0;; shift += 7, ++at) {
    if (at >= received.size()) return std::nullopt;
    const auto byte = static_cast<std::uint8_t>(received[at]);
    size |= std::size_t{byte & 0x7FU} << shift;
    if ((byte & 0x80) == 0) break;
  }
  if (received.size() < at + 1 + size) return std::nullopt;
  Packet packet{static_cast<std::uint8_t>(received[0]), received.substr(at + 1, size)};
  received.erase(0, at + 1 + size);
  return packet;
}

std::uint8_t byte_at(const std::string& text, std::size_t at) { return static_cast<std::uint8_t>(text.at(at)); }

}  // namespace

class ScriptedMqttBroker::Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(ScriptedMqttBroker& broker, tcp::socket socket) : broker_(&broker), socket_(std::move(socket)) {}

  void read() {
    socket_.async_read_some(boost::asio::buffer(buffer_),
                            [self = shared_from_this()](boost::system::error_code error, std::size_t size) {
                              if (error || self->broker_ == nullptr) return;
                              self->received_.append(self->buffer_.data(), size);
                              self->all_received_.append(self->buffer_.data(), size);
                              while (self->broker_ != nullptr) {
                                auto packet = take_packet(self->received_);
                                if (!packet) return self->read();
                                self->handle(*packet);
                              }
                            });
  }
  void send(const std::string& bytes) {
    boost::system::error_code ignored;
    boost::asio::write(socket_, boost::asio::buffer(bytes), ignored);
  }
  const std::string& received() const { return all_received_; }
  void close() {
    broker_ = nullptr;
    boost::system::error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_both, ignored);
    socket_.close(ignored);
  }

 private:
  void handle(const Packet& received) {
    if (received.type() == PacketType::disconnect) broker_->disconnects.push_back(received.body);
    if (broker_->script)
      if (const auto answer = broker_->script(received.first, received.body)) return send(*answer);
    if (received.type() == PacketType::connect) {
      const auto& properties = broker_->connect_properties;
      send(packet(PacketType::connack, std::string{'\0', static_cast<char>(broker_->connect_reason_code),
                                                   static_cast<char>(properties.size())} +
                                           properties));
    } else if (received.type() == PacketType::publish) {
      handle_publish(received);
    } else if (received.type() == PacketType::unsubscribe) {
      send(packet(PacketType::unsuback, received.body.substr(0, 2) + std::string("\0\x11", 2)));  // no subscription
    } else if (received.type() == PacketType::pingreq) {
      ++broker_->pings;
      if (!broker_->ignores_pings) send(packet(PacketType::pingresp, {}));
    }
  }

  /// Topic, packet identifier (not with QoS 0), properties (here below 128 bytes), payload: MQTT 5.0, 3.3.
  void handle_publish(const Packet& received) {
    const std::size_t topic_size = std::size_t{byte_at(received.body, 0)} << 8 | byte_at(received.body, 1);
    std::size_t at = 2 + topic_size;
    const std::string identifier = received.qos() > 0 ? received.body.substr(at, 2) : "";
    at += identifier.size();
    at += 1 + std::size_t{byte_at(received.body, at)};
    const Message message{received.body.substr(2, topic_size), received.body.substr(at)};
    const Acknowledgement answer = broker_->acknowledge ? broker_->acknowledge(message) : Acknowledgement{};
    if (answer.hangs_up) {
      if (answer.reason_code != 0)
        send(packet(PacketType::disconnect,
                    static_cast<char>(answer.reason_code) + reason_properties(answer.reason_string)));
      return close();
    }
    if (answer.reason_code < 0x80) broker_->messages.push_back(message);
    broker_->identifiers.push_back(identifier);
    if (identifier.empty() || broker_->is_silent) return;
    send(packet(PacketType::puback,
                identifier + static_cast<char>(answer.reason_code) + reason_properties(answer.reason_string)));
  }

  ScriptedMqttBroker* broker_;  // null once closed
  tcp::socket socket_;
  std::array<char, 65536> buffer_{};
  std::string received_;
  std::string all_received_;
};

struct ScriptedMqttBroker::State {
  explicit State(const boost::asio::any_io_executor& executor)
      : acceptor(executor, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)) {}
  tcp::acceptor acceptor;
  std::vector<std::shared_ptr<Connection>> connections;
};

ScriptedMqttBroker::ScriptedMqttBroker(boost::asio::any_io_executor executor)
    : state_(std::make_shared<State>(executor)) {
  accept();
}

ScriptedMqttBroker::~ScriptedMqttBroker() {
  boost::system::error_code ignored;
  state_->acceptor.close(ignored);
  for (const auto& connection : state_->connections) connection->close();
}

std::uint16_t ScriptedMqttBroker::port() const { return state_->acceptor.local_endpoint().port(); }

void ScriptedMqttBroker::accept() {
  state_->acceptor.async_accept([this](boost::system::error_code error, tcp::socket socket) {
    if (error) return;
    state_->connections.push_back(std::make_shared<Connection>(*this, std::move(socket)));
    state_->connections.back()->read();
    accept();
  });
}

std::string ScriptedMqttBroker::received() const {
  std::string bytes;
  for (const auto& connection : state_->connections) bytes += connection->received();
  return bytes;
}

void ScriptedMqttBroker::send(const std::string& bytes) {
  for (const auto& connection : state_->connections) connection->send(bytes);
}

void ScriptedMqttBroker::disconnect(std::uint8_t reason_code) {
  for (const auto& connection : state_->connections)
    connection->send(packet(PacketType::disconnect, {static_cast<char>(reason_code), '\0'}));
  hang_up();
}

void ScriptedMqttBroker::hang_up() {
  for (const auto& connection : state_->connections) connection->close();
  state_->connections.clear();
}

}  // namespace pbxbridge::test
