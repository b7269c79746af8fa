#pragma once

#include "support/mqtt_broker_program.hpp"
#include "support/temporary_directory.hpp"

#include <amqp.h>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace pbxbridge::test {

/// A RabbitMQ with AMQP, with and without TLS. What goes wrong throws.
class RabbitMqBroker {
 public:
  static constexpr std::size_t largest_payload = 200'000;  ///< its max_message_size

  /// `more`: lines of rabbitmq.conf. `plugins`: their names, with commas.
  explicit RabbitMqBroker(const std::string& more = {}, const std::string& plugins = {});

  std::uint16_t port() const { return program_->access().port; }
  std::uint16_t tls_port() const { return tls_port_; }
  /// The authority that has issued its certificate, which is made out to `localhost`.
  const std::filesystem::path& ca_file() const { return ca_file_; }

  /// The settings `cert_file` and `key_file` for a client of that common name, by the same authority.
  std::string client_certificate(const std::string& name) const;

  /// One for all tests of a process, for it takes seconds to start. Running, and with what earlier tests left in it.
  static RabbitMqBroker& shared();
  /// A text that no other test of this process uses, for the names of its queues and exchanges.
  static std::string new_name();

  void start();
  void kill();
  void freeze() const { program_->freeze(); }
  void thaw() const { program_->thaw(); }

 private:
  TemporaryDirectory certificates_;
  std::uint16_t tls_port_;
  std::filesystem::path ca_file_;
  std::unique_ptr<MqttBrokerProgram> program_;
  bool is_running_ = true;
};

struct AmqpArrived {
  std::string routing_key;
  std::string payload;
  std::string content_type;
  std::string id;
  bool is_persistent = false;
  std::vector<std::pair<std::string, std::string>> headers;
};

/// A client of such a broker, as `guest`. What goes wrong throws.
class AmqpTestClient {
 public:
  explicit AmqpTestClient(std::uint16_t port);
  ~AmqpTestClient();
  AmqpTestClient(const AmqpTestClient&) = delete;
  AmqpTestClient& operator=(const AmqpTestClient&) = delete;

  /// A durable queue; `most` messages, after which it rejects more, 0: no limit.
  void make_queue(const std::string& name, int most = 0);
  void bind(const std::string& queue, const std::string& exchange, const std::string& key);
  void unbind(const std::string& queue, const std::string& exchange, const std::string& key);
  void make_exchange(const std::string& name);
  /// Takes out of the queue all that it has.
  std::vector<AmqpArrived> take_all(const std::string& queue);

 private:
  void check(const char* what) const;

  amqp_connection_state_t state_;
};

}  // namespace pbxbridge::test
