#include "sink/rabbitmq_broker.hpp"

#include "support/certificates.hpp"
#include "support/free_port.hpp"
#include "support/mqtt_brokers.hpp"

#include <amqp_tcp_socket.h>
#include <stdexcept>
#include <string_view>
#include <sys/time.h>
#include <utility>

namespace pbxbridge::test {
namespace {

constexpr amqp_channel_t channel = 1;

amqp_bytes_t bytes_of(const std::string& text) { return {text.size(), const_cast<char*>(text.data())}; }
std::string text_of(const amqp_bytes_t& bytes) { return {static_cast<const char*>(bytes.bytes), bytes.len}; }

}  // namespace

RabbitMqBroker::RabbitMqBroker(const std::string& more, const std::string& plugins)
    : tls_port_(free_port()), ca_file_(make_certificates(certificates_.path(), "localhost")) {
  const std::string directory = certificates_.path().string();
  const std::string configuration =
      "max_message_size = " + std::to_string(largest_payload) +
      "\nlisteners.ssl.1 = 127.0.0.1:" + std::to_string(tls_port_) + "\nssl_options.cacertfile = " + ca_file_.string() +
      "\nssl_options.certfile = " + directory + "/cert.pem\nssl_options.keyfile = " + directory + "/key.pem\n" + more;
  program_ = std::make_unique<MqttBrokerProgram>(MqttBrokerKind{
      .name = "RabbitMQ",
      .prepare = [configuration, plugins](const std::filesystem::path& working, std::uint16_t port) {
        return rabbitmq_command(working, plugins,
                                "listeners.tcp.1 = 127.0.0.1:" + std::to_string(port) + "\n" + configuration);
      }});
}

RabbitMqBroker& RabbitMqBroker::shared() {
  static RabbitMqBroker broker;
  broker.start();
  return broker;
}

std::string RabbitMqBroker::client_certificate(const std::string& name) const {
  make_client_certificate(certificates_.path(), name);
  const std::string file = (certificates_.path() / name).string();
  return "cert_file: " + file + ".pem, key_file: " + file + ".key";
}

std::string RabbitMqBroker::new_name() {
  static int last = 0;
  return "test-" + std::to_string(++last);
}

void RabbitMqBroker::start() {
  if (!std::exchange(is_running_, true)) program_->start();
}

void RabbitMqBroker::kill() {
  program_->kill();
  is_running_ = false;
}

AmqpTestClient::AmqpTestClient(std::uint16_t port) : state_(amqp_new_connection()) {
  const timeval limit{60, 0};
  amqp_socket_t* const socket = amqp_tcp_socket_new(state_);
  if (amqp_socket_open_noblock(socket, "127.0.0.1", port, &limit) != AMQP_STATUS_OK)
    throw std::runtime_error("no connection to RabbitMQ");
  const auto reply = amqp_login(state_, "/", 0, 131'072, 0, AMQP_SASL_METHOD_PLAIN, "guest", "guest");
  if (reply.reply_type != AMQP_RESPONSE_NORMAL) throw std::runtime_error("no login to RabbitMQ");
  amqp_channel_open(state_, channel);
  check("open a channel");
}

AmqpTestClient::~AmqpTestClient() { amqp_destroy_connection(state_); }

void AmqpTestClient::check(const char* what) const {
  const auto reply = amqp_get_rpc_reply(state_);
  if (reply.reply_type != AMQP_RESPONSE_NORMAL) throw std::runtime_error(std::string("RabbitMQ: ") + what);
}

void AmqpTestClient::make_queue(const std::string& name, int most) {
  amqp_table_entry_t limits[2] = {};
  limits[0].key = amqp_cstring_bytes("x-max-length");
  limits[0].value.kind = AMQP_FIELD_KIND_I32;
  limits[0].value.value.i32 = most;
  limits[1].key = amqp_cstring_bytes("x-overflow");
  limits[1].value.kind = AMQP_FIELD_KIND_UTF8;
  limits[1].value.value.bytes = amqp_cstring_bytes("reject-publish");
  const amqp_table_t limited{2, limits};
  amqp_queue_declare(state_, channel, bytes_of(name), 0, 1, 0, 0, most == 0 ? amqp_empty_table : limited);
  check("declare a queue");
}

void AmqpTestClient::bind(const std::string& queue, const std::string& exchange, const std::string& key) {
  amqp_queue_bind(state_, channel, bytes_of(queue), bytes_of(exchange), bytes_of(key), amqp_empty_table);
  check("bind a queue");
}

void AmqpTestClient::unbind(const std::string& queue, const std::string& exchange, const std::string& key) {
  amqp_queue_unbind(state_, channel, bytes_of(queue), bytes_of(exchange), bytes_of(key), amqp_empty_table);
  check("unbind a queue");
}

void AmqpTestClient::make_exchange(const std::string& name) {
  amqp_exchange_declare(state_, channel, bytes_of(name), amqp_cstring_bytes("topic"), 0, 1, 0, 0, amqp_empty_table);
  check("declare an exchange");
}

std::vector<AmqpArrived> AmqpTestClient::take_all(const std::string& queue) {
  std::vector<AmqpArrived> all;
  while (true) {
    amqp_maybe_release_buffers(state_);
    const auto got = amqp_basic_get(state_, channel, bytes_of(queue), 1);
    if (got.reply_type != AMQP_RESPONSE_NORMAL) throw std::runtime_error("RabbitMQ: basic.get");
    if (got.reply.id == AMQP_BASIC_GET_EMPTY_METHOD) return all;
    AmqpArrived arrived;
    arrived.routing_key = text_of(static_cast<const amqp_basic_get_ok_t*>(got.reply.decoded)->routing_key);
    amqp_message_t message;
    if (amqp_read_message(state_, channel, &message, 0).reply_type != AMQP_RESPONSE_NORMAL)
      throw std::runtime_error("RabbitMQ: no message after basic.get-ok");
    arrived.payload = text_of(message.body);
    arrived.content_type = text_of(message.properties.content_type);
    arrived.id = text_of(message.properties.message_id);
    arrived.is_persistent = message.properties.delivery_mode == 2;
    const amqp_table_t& headers = message.properties.headers;
    for (int i = 0; i < headers.num_entries; ++i)
      arrived.headers.emplace_back(text_of(headers.entries[i].key), text_of(headers.entries[i].value.value.bytes));
    amqp_destroy_message(&message);
    all.push_back(std::move(arrived));
  }
}

}  // namespace pbxbridge::test
