#include "sink/amqp/amqp_connection.hpp"

#include "net/tls_context.hpp"
#include "text/peer_words.hpp"

#include <fmt/format.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#include <array>
#include <chrono>
#include <limits>
#include <string_view>
#include <sys/time.h>
#include <utility>
#include <vector>

namespace pbxbridge::sink {
namespace {

constexpr amqp_channel_t messages = 1;
constexpr amqp_channel_t questions = 2;
constexpr int largest_frame = 131'072;  // RabbitMQ's own
constexpr std::uint8_t persistent = 2;
constexpr int access_refused = 403;
constexpr int not_found = 404;

amqp_bytes_t bytes_of(std::string_view text) {
  return {text.size(), const_cast<char*>(text.data())};  // NOLINT(cppcoreguidelines-pro-type-const-cast): only read
}
std::string_view view_of(const amqp_bytes_t& bytes) { return {static_cast<const char*>(bytes.bytes), bytes.len}; }

amqp_table_entry_t text_entry(std::string_view name, std::string_view text) {
  amqp_table_entry_t entry{bytes_of(name), {AMQP_FIELD_KIND_UTF8, {}}};
  entry.value.value.bytes = bytes_of(text);
  return entry;
}
amqp_table_entry_t true_entry(std::string_view name) {
  amqp_table_entry_t entry{bytes_of(name), {AMQP_FIELD_KIND_BOOLEAN, {}}};
  entry.value.value.boolean = 1;
  return entry;
}

timeval timeval_of(std::chrono::milliseconds time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  return {seconds.count(), std::chrono::microseconds(time - seconds).count()};
}

/// OpenSSL's verdict on the certificate in the last handshake of this thread that failed. librabbitmq does not say it.
thread_local long certificate_verdict = X509_V_OK;

void note_verdict(const SSL* connection, int where, int result) {
  if (where == SSL_CB_CONNECT_EXIT && result <= 0) certificate_verdict = SSL_get_verify_result(connection);
}

bool is_about_the_name(long verdict) {
  return verdict == X509_V_ERR_HOSTNAME_MISMATCH || verdict == X509_V_ERR_IP_ADDRESS_MISMATCH;
}

Error network_error(std::string text) { return {.category = ErrorCategory::network, .text = std::move(text)}; }

/// RabbitMQ rejects a whole exchange or one routing key with the same code, and says only in words which of them it is.
bool is_about_routing_key(std::string_view words) { return words.find("access to topic") != words.npos; }

/// Only basic.publish is sent without a wait for its answer. Its exchange was there when it was asked for. A right that
/// the account lacks for a whole exchange is no fault of any message.
template <class Close>
bool may_be_for_a_message(const Close& close) {
  if (close.class_id != AMQP_BASIC_CLASS || close.method_id != (AMQP_BASIC_PUBLISH_METHOD & 0xFFFF)) return false;
  if (close.reply_code == access_refused) return is_about_routing_key(view_of(close.reply_text));
  return close.reply_code != not_found;
}

/// The broker's code and words, as it closed a channel or the connection; `Close` is one of its two methods for that.
template <class Close>
Error closed_by_broker(const std::string& broker, std::string_view what, const void* decoded) {
  const auto& close = *static_cast<const Close*>(decoded);
  Error error{.category = ErrorCategory::rejected,
              .text = fmt::format("{} closed the {} (code {})", broker, what, close.reply_code),
              .peer_words = std::string(view_of(close.reply_text))};
  if (may_be_for_a_message(close)) error.hung_up_at = std::chrono::steady_clock::now();
  return error;
}

}  // namespace

Result<std::unique_ptr<AmqpConnection>> AmqpConnection::open(const AmqpSettings& settings, const std::string& name) {
  std::unique_ptr<AmqpConnection> connection(new AmqpConnection(settings));
  if (auto connected = connection->connect(); !connected) return connected.error();
  if (auto accepted = connection->log_in(name); !accepted) return accepted.error();
  if (auto opened = connection->open_channels(); !opened) return opened.error();
  return connection;
}

AmqpConnection::AmqpConnection(const AmqpSettings& settings)
    : settings_(settings),
      broker_(url::host_and_port(settings.endpoint().host, settings.endpoint().port)),
      state_(amqp_new_connection()) {}

Result<void> AmqpConnection::connect() {
  const url::Endpoint endpoint = settings_.endpoint();
  amqp_socket_t* socket = nullptr;
  if (settings_.uses_tls()) {
    // OpenSSL 3 initialises itself.
    static const bool is_set = (amqp_set_initialize_ssl_library(0), true);
    static_cast<void>(is_set);
    socket = amqp_ssl_socket_new(state_.get());
    if (socket == nullptr) return network_error("no TLS socket could be made");
    // OpenSSL verifies both in the handshake, and does not look at the common name, as librabbitmq does.
    amqp_ssl_socket_set_verify_peer(socket, 0);
    amqp_ssl_socket_set_verify_hostname(socket, 0);
    auto* const context = static_cast<SSL_CTX*>(amqp_ssl_socket_get_context(socket));
    if (auto configured = net::configure_tls(context, settings_.tls, endpoint.host); !configured)
      return configured.error();
    SSL_CTX_set_info_callback(context, &note_verdict);
  } else {
    socket = amqp_tcp_socket_new(state_.get());
    if (socket == nullptr) return network_error("no socket could be made");
  }
  const timeval limit = timeval_of(settings_.connect_timeout);
  certificate_verdict = X509_V_OK;
  const int status = amqp_socket_open_noblock(socket, endpoint.host.c_str(), endpoint.port, &limit);
  if (certificate_verdict != X509_V_OK && !settings_.tls.insecure_skip_verify)
    return Error{.category = ErrorCategory::tls,
                 .text = fmt::format(
                     "no connection to {}: {}{}", broker_, net::certificate_problem(certificate_verdict, endpoint.host),
                     is_about_the_name(certificate_verdict) ? " (url must have a name that it has)" : "")};
  if (status != AMQP_STATUS_OK)
    return network_error(fmt::format("no connection to {}: {}", broker_, amqp_error_string2(status)));
  amqp_set_handshake_timeout(state_.get(), &limit);
  amqp_set_rpc_timeout(state_.get(), &limit);
  return {};
}

Result<void> AmqpConnection::log_in(const std::string& name) {
  std::string password;
  if (settings_.password.is_set()) {
    auto read = settings_.password.read();
    if (!read) return read.error();
    password = std::move(*read);
  }
  std::array capabilities = {true_entry("authentication_failure_close"), true_entry("publisher_confirms"),
                             true_entry("basic.nack"), true_entry("connection.blocked")};
  std::array properties = {text_entry("product", "pbxbridge"), text_entry("connection_name", name),
                           amqp_table_entry_t{bytes_of("capabilities"), {AMQP_FIELD_KIND_TABLE, {}}}};
  properties.back().value.value.table = {static_cast<int>(capabilities.size()), capabilities.data()};
  const amqp_table_t property_table{static_cast<int>(properties.size()), properties.data()};
  const auto log_in_by = [&](amqp_sasl_method_enum method, auto... credentials) {
    return amqp_login_with_properties(state_.get(), settings_.virtual_host.c_str(), questions, largest_frame,
                                      static_cast<int>(settings_.heartbeat.count()), &property_table, method,
                                      credentials...);
  };
  const bool is_external = settings_.sasl_mechanism == AmqpSaslMechanism::external;
  const amqp_rpc_reply_t reply =
      is_external ? log_in_by(AMQP_SASL_METHOD_EXTERNAL, settings_.username.c_str())  // librabbitmq sends no empty one
                  : log_in_by(AMQP_SASL_METHOD_PLAIN, settings_.username.c_str(), password.c_str());
  if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION &&
      reply.library_error == AMQP_STATUS_BROKER_UNSUPPORTED_SASL_METHOD)
    return Error{.category = ErrorCategory::rejected,
                 .text = fmt::format("{} does not offer SASL {}{}", broker_, to_string(settings_.sasl_mechanism),
                                     is_external ? "; RabbitMQ needs the plug-in rabbitmq_auth_mechanism_ssl, and "
                                                   "EXTERNAL among its auth_mechanisms"
                                                 : ""),
                 .account_rejected = true};
  if (reply.reply_type != AMQP_RESPONSE_NORMAL) return failure(reply, "login");
  return {};
}

Result<void> AmqpConnection::open_channels() {
  for (const amqp_channel_t channel : {messages, questions}) {
    amqp_channel_open(state_.get(), channel);
    if (const auto reply = amqp_get_rpc_reply(state_.get()); reply.reply_type != AMQP_RESPONSE_NORMAL)
      return failure(reply, "opening of a channel");
  }
  amqp_confirm_select(state_.get(), messages);
  if (const auto reply = amqp_get_rpc_reply(state_.get()); reply.reply_type != AMQP_RESPONSE_NORMAL)
    return failure(reply, "request for confirms");
  return {};
}

std::string AmqpConnection::description() const {
  constexpr std::size_t longest = 60;
  std::string product;
  std::string version;
  const amqp_table_t* const properties = amqp_get_server_properties(state_.get());
  for (int i = 0; i < properties->num_entries; ++i) {
    const amqp_table_entry_t& entry = properties->entries[i];
    if (entry.value.kind != AMQP_FIELD_KIND_UTF8) continue;
    if (view_of(entry.key) == "product") product = text::peer_log_text(view_of(entry.value.value.bytes), longest);
    if (view_of(entry.key) == "version") version = text::peer_log_text(view_of(entry.value.value.bytes), longest);
  }
  return fmt::format("{}, {} {}, virtual host {}, {} in flight at the most", broker_,
                     product.empty() ? "a broker without a name" : product, version, settings_.virtual_host,
                     settings_.window);
}

Result<std::string> AmqpConnection::missing_exchange(const std::string& exchange) {
  if (exchange.empty()) return std::string();  // the default exchange is always there
  amqp_exchange_declare(state_.get(), questions, bytes_of(exchange), amqp_empty_bytes, 1, 0, 0, 0, amqp_empty_table);
  const auto reply = amqp_get_rpc_reply(state_.get());
  if (reply.reply_type == AMQP_RESPONSE_NORMAL) return std::string();
  if (reply.reply_type != AMQP_RESPONSE_SERVER_EXCEPTION || reply.reply.id != AMQP_CHANNEL_CLOSE_METHOD)
    return failure(reply, "question for an exchange");
  const auto& closed = *static_cast<const amqp_channel_close_t*>(reply.reply.decoded);
  std::string words(view_of(closed.reply_text));
  amqp_channel_close_ok_t agreed{};
  if (const int status = amqp_send_method(state_.get(), questions, AMQP_CHANNEL_CLOSE_OK_METHOD, &agreed);
      status != AMQP_STATUS_OK)
    return failure(status);
  amqp_channel_open(state_.get(), questions);
  if (const auto opened = amqp_get_rpc_reply(state_.get()); opened.reply_type != AMQP_RESPONSE_NORMAL)
    return failure(opened, "opening of a channel");
  return words;
}

Result<void> AmqpConnection::publish(const AmqpPublish& publish, const AmqpMessage& message) {
  std::vector<amqp_table_entry_t> headers;
  for (const auto& [name, value] : message.headers()) headers.push_back(text_entry(name, value));
  amqp_basic_properties_t properties{};
  properties._flags = AMQP_BASIC_HEADERS_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_MESSAGE_ID_FLAG;
  if (!message.content_type().empty()) properties._flags |= AMQP_BASIC_CONTENT_TYPE_FLAG;
  properties.content_type = bytes_of(message.content_type());
  properties.headers = {static_cast<int>(headers.size()), headers.data()};
  properties.delivery_mode = persistent;
  properties.message_id = bytes_of(message.id());
  const int status =
      amqp_basic_publish(state_.get(), messages, bytes_of(publish.exchange), bytes_of(publish.routing_key),
                         settings_.mandatory ? 1 : 0, 0, &properties, bytes_of(message.payload()));
  if (status != AMQP_STATUS_OK) return failure(status);
  return {};
}

Result<void> AmqpConnection::probe() {
  amqp_basic_qos_t question{};
  const int status = amqp_send_method(state_.get(), questions, AMQP_BASIC_QOS_METHOD, &question);
  if (status != AMQP_STATUS_OK) return failure(status);
  return {};
}

Result<std::optional<AmqpReply>> AmqpConnection::next() {
  while (true) {
    amqp_frame_t frame{};
    const timeval now{};
    const int status = amqp_simple_wait_frame_noblock(state_.get(), &frame, &now);
    if (status == AMQP_STATUS_TIMEOUT) {
      amqp_maybe_release_buffers(state_.get());
      return std::optional<AmqpReply>();
    }
    if (status != AMQP_STATUS_OK) return failure(status);
    if (frame.frame_type != AMQP_FRAME_METHOD) {
      if (auto reply = take_content(frame)) return reply;
      continue;
    }
    auto reply = take_method(frame);
    if (!reply || *reply) return reply;
  }
}

/// Returns nothing where the method says nothing that anyone needs.
Result<std::optional<AmqpReply>> AmqpConnection::take_method(const amqp_frame_t& frame) {
  const void* const decoded = frame.payload.method.decoded;
  switch (frame.payload.method.id) {
    case AMQP_BASIC_ACK_METHOD: {
      const auto& ack = *static_cast<const amqp_basic_ack_t*>(decoded);
      return std::optional<AmqpReply>(AmqpConfirm{ack.delivery_tag, ack.multiple != 0, true});
    }
    case AMQP_BASIC_NACK_METHOD: {
      const auto& nack = *static_cast<const amqp_basic_nack_t*>(decoded);
      return std::optional<AmqpReply>(AmqpConfirm{nack.delivery_tag, nack.multiple != 0, false});
    }
    case AMQP_BASIC_RETURN_METHOD: {
      const auto& returned = *static_cast<const amqp_basic_return_t*>(decoded);
      returned_ = AmqpReturn{.words = fmt::format("{} ({})", view_of(returned.reply_text), returned.reply_code),
                             .exchange = std::string(view_of(returned.exchange)),
                             .routing_key = std::string(view_of(returned.routing_key)),
                             .id = {}};
      return std::optional<AmqpReply>();
    }
    case AMQP_CONNECTION_BLOCKED_METHOD:
      return std::optional<AmqpReply>(
          AmqpBlocked{true, std::string(view_of(static_cast<const amqp_connection_blocked_t*>(decoded)->reason))});
    case AMQP_CONNECTION_UNBLOCKED_METHOD:
      return std::optional<AmqpReply>(AmqpBlocked{});
    case AMQP_BASIC_QOS_OK_METHOD:
      return std::optional<AmqpReply>(AmqpAlive{});
    case AMQP_CHANNEL_CLOSE_METHOD:
      return closed_by_broker<amqp_channel_close_t>(broker_, "channel", decoded);
    case AMQP_CONNECTION_CLOSE_METHOD:
      return closed_by_broker<amqp_connection_close_t>(broker_, "connection", decoded);
    default:
      return std::optional<AmqpReply>();
  }
}

/// A message that has come back: its header has the id, and its payload is not looked at.
std::optional<AmqpReply> AmqpConnection::take_content(const amqp_frame_t& frame) {
  if (!returned_) return std::nullopt;
  if (frame.frame_type == AMQP_FRAME_HEADER) {
    const auto& properties = *static_cast<const amqp_basic_properties_t*>(frame.payload.properties.decoded);
    if ((properties._flags & AMQP_BASIC_MESSAGE_ID_FLAG) != 0) returned_->id = view_of(properties.message_id);
    returned_bytes_to_come_ = frame.payload.properties.body_size;
  } else if (frame.frame_type == AMQP_FRAME_BODY) {
    returned_bytes_to_come_ -= std::min<std::uint64_t>(returned_bytes_to_come_, frame.payload.body_fragment.len);
  }
  if (returned_bytes_to_come_ > 0) return std::nullopt;
  return std::exchange(returned_, std::nullopt).value();
}

void AmqpConnection::close() {
  const timeval limit = timeval_of(std::chrono::seconds(1));
  amqp_set_rpc_timeout(state_.get(), &limit);
  amqp_connection_close(state_.get(), AMQP_REPLY_SUCCESS);
}

Error AmqpConnection::failure(int status) const {
  Error error = network_error(fmt::format("the connection to {} ended: {}", broker_, amqp_error_string2(status)));
  // It stood, and the broker ended it without a word.
  if (status == AMQP_STATUS_CONNECTION_CLOSED || status == AMQP_STATUS_SOCKET_ERROR)
    error.hung_up_at = std::chrono::steady_clock::now();
  return error;
}

/// An answer that is none; `at` names what the broker was asked for.
Error AmqpConnection::failure(const amqp_rpc_reply_t& reply, std::string_view at) const {
  const bool is_closed = reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION;
  if (is_closed && reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD)
    return closed_by_broker<amqp_channel_close_t>(broker_, fmt::format("channel at the {}", at), reply.reply.decoded);
  if (is_closed && reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD) {
    Error error = closed_by_broker<amqp_connection_close_t>(broker_, fmt::format("connection at the {}", at),
                                                            reply.reply.decoded);
    error.account_rejected =
        static_cast<const amqp_connection_close_t*>(reply.reply.decoded)->reply_code == access_refused;
    return error;
  }
  return network_error(fmt::format(
      "{} did not answer at the {}: {}", broker_, at,
      amqp_error_string2(reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION ? reply.library_error
                                                                             : AMQP_STATUS_UNEXPECTED_STATE)));
}

}  // namespace pbxbridge::sink
