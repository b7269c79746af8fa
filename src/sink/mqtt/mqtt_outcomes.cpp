#include "sink/mqtt/mqtt_outcomes.hpp"

#include "mqtt/protocol.hpp"
#include "sink/mqtt/server_reference.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

namespace pbxbridge::sink {
namespace {

using enum Outcome::Kind;

constexpr PublishReason publish_table[] = {
    {0x00, delivered, "success"},
    {0x10, delivered, "no matching subscribers"},
    {0x80, retry, "unspecified error"},
    {0x83, retry, "implementation specific error"},
    {0x87, reject, "not authorized to publish to this topic"},
    {0x90, reject, "topic name invalid"},
    {0x91, retry, "packet identifier in use"},
    {0x92, retry, "packet identifier not found"},
    {0x95, reject, "packet too large"},
    {0x97, retry, "quota exceeded"},
    {0x99, reject, "payload format invalid"},
    {mqtt::reason::retain_not_supported, retry, "retain not supported"},
    {mqtt::reason::qos_not_supported, retry, "QoS not supported"},
};

struct ConnectionReason {
  int code;
  ErrorCategory category;
  std::string_view text;
  bool account_rejected = false;
};

constexpr ConnectionReason connect_table[] = {
    {1, ErrorCategory::rejected, "it does not speak this version of MQTT; set version to the one it speaks"},
    {2, ErrorCategory::rejected, "client id not accepted; set client_id"},
    {3, ErrorCategory::network, "server unavailable"},
    {4, ErrorCategory::rejected, "bad user name or password", true},
    {5, ErrorCategory::rejected, "not authorized: check user name, password, and that the status topic may be written",
     true},
    {0x80, ErrorCategory::network, "unspecified error"},
    {0x81, ErrorCategory::rejected, "malformed packet"},
    {0x82, ErrorCategory::rejected, "protocol error"},
    {0x83, ErrorCategory::network, "implementation specific error"},
    {0x84, ErrorCategory::rejected, "it does not speak this version of MQTT; set version to the one it speaks"},
    {0x85, ErrorCategory::rejected, "client id not accepted; set client_id"},
    {0x86, ErrorCategory::rejected, "bad user name or password", true},
    {0x87, ErrorCategory::rejected,
     "not authorized: check user name, password, and that the status topic may be written", true},
    {0x88, ErrorCategory::network, "server unavailable"},
    {0x89, ErrorCategory::network, "server busy"},
    {0x8A, ErrorCategory::rejected, "banned", true},
    {0x8C, ErrorCategory::rejected, "bad authentication method", true},
    {0x90, ErrorCategory::rejected, "the status topic is not accepted; set prefix"},
    {0x95, ErrorCategory::rejected, "packet too large"},
    {0x97, ErrorCategory::network, "quota exceeded"},
    {0x99, ErrorCategory::rejected, "the payload of the will is not accepted"},
    {0x9A, ErrorCategory::rejected, "it takes no retained messages; set prefix to an empty text"},
    {0x9B, ErrorCategory::rejected, "it does not take the QoS of the will; set prefix to an empty text"},
    {0x9C, ErrorCategory::rejected, "use another server"},
    {0x9D, ErrorCategory::rejected, "server moved"},
    {0x9F, ErrorCategory::network, "connection rate exceeded"},
};

constexpr ConnectionReason disconnect_table[] = {
    {0x00, ErrorCategory::network, "normal disconnection"},
    {0x80, ErrorCategory::network, "unspecified error"},
    {0x81, ErrorCategory::network, "malformed packet"},
    {0x82, ErrorCategory::network, "protocol error"},
    {0x83, ErrorCategory::network, "implementation specific error"},
    {0x87, ErrorCategory::rejected, "not authorized"},
    {0x89, ErrorCategory::network, "server busy"},
    {0x8B, ErrorCategory::network, "server shutting down"},
    {0x8D, ErrorCategory::network, "keep alive timeout"},
    {mqtt::reason::session_taken_over, ErrorCategory::rejected,
     "session taken over by another client with the same client id"},
    {0x90, ErrorCategory::rejected, "topic name invalid"},
    {0x93, ErrorCategory::network, "receive maximum exceeded"},
    {0x95, ErrorCategory::rejected, "packet too large"},
    {0x96, ErrorCategory::network, "message rate too high"},
    {0x97, ErrorCategory::network, "quota exceeded"},
    {0x98, ErrorCategory::rejected, "administrative action"},
    {0x99, ErrorCategory::rejected, "payload format invalid"},
    {0x9A, ErrorCategory::rejected, "retain not supported"},
    {0x9B, ErrorCategory::rejected, "QoS not supported"},
    {0x9C, ErrorCategory::rejected, "use another server"},
    {0x9D, ErrorCategory::rejected, "server moved"},
    {0x9F, ErrorCategory::network, "connection rate exceeded"},
    {0xA0, ErrorCategory::network, "maximum connect time"},
};

/// Reasons in disconnect_table that no single message is to blame for.
constexpr int of_no_message[] = {0x89,
                                 0x8B,
                                 0x8D,
                                 mqtt::reason::session_taken_over,
                                 0x96,
                                 mqtt::reason::retain_not_supported,
                                 mqtt::reason::qos_not_supported,
                                 0x9C,
                                 0x9D,
                                 0x9F,
                                 0xA0};

template <class Table>
auto find_row(const Table& table, int code) {
  return std::ranges::find(table, code, [](const auto& row) { return row.code; });
}

template <std::size_t size>
Error connection_error(const ConnectionReason (&table)[size], int code, std::string_view what,
                       const BrokerWords& words) {
  const auto row = find_row(table, code);
  const bool known = row != std::end(table);
  std::string text = fmt::format("{}: {} (reason code 0x{:02X})", what, known ? row->text : "unknown reason", code);
  std::string peer_words(words.reason_string);
  if (is_list_of_hosts(words.server_reference))
    text += fmt::format(", it names {} instead", words.server_reference);
  else if (!words.server_reference.empty())
    peer_words += fmt::format("{}use {} instead", peer_words.empty() ? "" : "; ", words.server_reference);
  Error error{known ? row->category : ErrorCategory::network, std::move(text)};
  error.account_rejected = known && row->account_rejected;
  error.peer_words = std::move(peer_words);
  return error;
}

}  // namespace

std::span<const PublishReason> publish_reasons() { return publish_table; }

Outcome publish_outcome(int reason_code, std::string_view reason_string) {
  if (reason_code == mqtt::reason::success) return Outcome::delivered();
  const auto row = find_row(publish_table, reason_code);
  const bool known = row != std::end(publish_table);
  const Outcome::Kind kind = known ? row->kind : reason_code < mqtt::reason::first_failure ? delivered : retry;
  if (kind == delivered) return Outcome::delivered();
  return {kind, fmt::format("{} (reason code 0x{:02X})", known ? row->text : "unknown rejection", reason_code),
          std::string(reason_string)};
}

Error connect_rejection(int code, const BrokerWords& words) {
  return connection_error(connect_table, code, "the broker rejected the connection", words);
}

Error disconnect_reason(int reason_code, const BrokerWords& words) {
  Error error = connection_error(disconnect_table, reason_code, "the broker ended the connection", words);
  if (std::ranges::find(of_no_message, reason_code) == std::end(of_no_message))
    error.hung_up_at = std::chrono::steady_clock::now();
  return error;
}

}  // namespace pbxbridge::sink
