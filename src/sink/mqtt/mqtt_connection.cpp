#include "sink/mqtt/mqtt_connection.hpp"

#include "sink/mqtt/broker_address.hpp"
#include "sink/mqtt/mqtt_outcomes.hpp"

#include <fmt/format.h>

#include <fstream>
#include <utility>

namespace pbxbridge::sink {
namespace {

long long whole_seconds(SessionMemory::Clock::duration duration) {
  return std::chrono::ceil<std::chrono::seconds>(duration).count();
}

/// The reason out of OpenSSL's `THREAD:error:CODE:LIBRARY:FUNCTION:REASON:FILE:LINE:DATA`.
std::string_view openssl_reason(std::string_view text) {
  std::string_view rest = text;
  for (int field = 0; field < 5; ++field) {
    const auto colon = rest.find(':');
    if (colon == std::string_view::npos) return text;
    rest.remove_prefix(colon + 1);
  }
  return rest.substr(0, rest.find(':'));
}

/// What to do about it, where it is known.
std::string_view tls_remedy(std::string_view reason) {
  return reason.find("certificate verify failed") == std::string_view::npos
             ? ""
             : " (tls.ca_file names the authority to trust)";
}

/// paho says of a file that it cannot read only that the connection failed.
std::string unreadable_file(const config::TlsConfig& tls) {
  const std::pair<std::string_view, const std::filesystem::path&> files[] = {
      {"ca_file", tls.ca_file}, {"cert_file", tls.cert_file}, {"key_file", tls.key_file}};
  for (const auto& [name, path] : files)
    if (!path.empty() && !std::ifstream(path).is_open())
      return fmt::format("tls.{} {} cannot be read", name, path.native());
  return {};
}

}  // namespace

MqttConnection::MqttConnection(const MqttSettings& settings, std::string status_topic,
                               boost::asio::any_io_executor executor, MqttConnectionObserver& observer)
    : settings_(settings),
      endpoint_(settings.endpoint()),
      executor_(std::move(executor)),
      observer_(observer),
      timer_(executor_) {
  options_.status_topic = std::move(status_topic);
}

/// Keeps back what an object that is gone had asked for.
template <class Function>
auto MqttConnection::while_alive(Function function) {
  return [alive = std::weak_ptr(alive_), function = std::move(function)](auto&&... arguments) {
    if (alive.lock()) function(std::forward<decltype(arguments)>(arguments)...);
  };
}

void MqttConnection::open() {
  const auto wait = settings_.memory->wait(SessionMemory::Clock::now());
  if (wait == SessionMemory::Clock::duration::zero()) return start();
  timer_.expires_after(wait);
  timer_.async_wait(while_alive([this](boost::system::error_code error) {
    if (!error) start();
  }));
}

void MqttConnection::start() {
  timer_.expires_after(settings_.connect_timeout);
  timer_.async_wait(while_alive([this](boost::system::error_code error) {
    if (error) return;
    fail(ErrorCategory::network,
         fmt::format("no connection to {} within {} ms", broker(), settings_.connect_timeout.count()));
  }));

  if (settings_.password.is_set()) {
    auto password = settings_.password.read();
    if (!password) return fail(password.error().category, password.error().text);
    options_.password = std::move(*password);
  }
  if (settings_.tls.key_password.is_set()) {
    auto key_password = settings_.tls.key_password.read();
    if (!key_password) return fail(key_password.error().category, key_password.error().text);
    options_.key_password = std::move(*key_password);
  }
  if (std::string problem = unreadable_file(settings_.tls); !problem.empty())
    return fail(ErrorCategory::tls, std::move(problem));

  lookup_.emplace(executor_, endpoint_.host, endpoint_.port,
                  [this](const Result<net::HostLookup::Addresses>& addresses) { looked_up(addresses); });
}

void MqttConnection::looked_up(const Result<net::HostLookup::Addresses>& addresses) {
  if (ended_) return;
  if (!addresses) return fail(addresses.error().category, addresses.error().text);
  if (addresses->empty()) return fail(ErrorCategory::network, "the host " + endpoint_.host + " has no address");
  connect_to(preferred_address(*addresses));
}

void MqttConnection::connect_to(const std::string& address) {
  address_ = address;
  options_.client_id = client_id();
  options_.keep_alive = keep_alive();
  options_.uri_host = settings_.uses_tls() || settings_.uses_websocket() ? endpoint_.host : address;
  client_ = std::make_unique<MqttClient>(settings_, options_, executor_, static_cast<MqttClientObserver&>(*this));
  if (auto error = client_->connect()) fail(error->category, std::move(error->text));
}

std::chrono::seconds MqttConnection::keep_alive() const {
  const auto own = std::chrono::ceil<std::chrono::seconds>(settings_.keep_alive);
  return std::min(own, settings_.memory->server_keep_alive.value_or(own));
}

void MqttConnection::client_connected(const BrokerLimits& limits) {
  if (ended_) return;
  timer_.cancel();
  connected_ = true;
  settings_.memory->connected(SessionMemory::Clock::now());
  if (limits.server_keep_alive && limits.server_keep_alive->count() > 0 &&
      *limits.server_keep_alive < options_.keep_alive) {
    settings_.memory->server_keep_alive = limits.server_keep_alive;
    return fail(ErrorCategory::network, fmt::format("{} asks for a keep alive of {} s; the next connection has it",
                                                    broker(), limits.server_keep_alive->count()));
  }
  observer_.connection_made(limits);
}

void MqttConnection::client_ended(ConnectionEnd end) {
  if (ended_) return;
  if (connected_) return fail(end_of_standing_connection(end));
  if (end.cause == ConnectionEnd::Cause::refused) {
    const Error refusal = connect_refusal(end.code, end.reason_string);
    return fail(refusal.category, broker() + ": " + refusal.text);
  }
  diagnose(end.tls_error);
}

/// paho says no more than that there is no connection; the operator gets the reason.
void MqttConnection::diagnose(const std::string& tls_error) {
  if (!tls_error.empty()) {
    const std::string_view reason = openssl_reason(tls_error);
    return fail(ErrorCategory::tls, fmt::format("TLS with {} failed: {}{}", broker(), reason, tls_remedy(reason)));
  }
  probe_connection(executor_, address_, endpoint_.port, while_alive([this](const std::string& error) {
                     if (ended_) return;
                     if (!error.empty())
                       return fail(ErrorCategory::network,
                                   fmt::format("no connection to {} ({}): {}", broker(), address_, error));
                     // The failure of a client that has just gone may be taken by paho for one of the client whose
                     // socket has the same descriptor number since.
                     if (!std::exchange(tried_twice_, true)) return connect_to(address_);
                     fail_at_listening_broker();
                   }));
}

void MqttConnection::fail_at_listening_broker() {
  if (settings_.uses_tls())
    return fail(ErrorCategory::tls,
                fmt::format("TLS with {} failed: its certificate is for another name than {}, it ended the "
                            "handshake, or that port is without TLS ({}://)",
                            broker(), endpoint_.host, settings_.uses_websocket() ? "ws" : "mqtt"));
  fail(ErrorCategory::network,
       fmt::format("{} takes connections and speaks no MQTT{}; is it {}:// there?", broker(),
                   settings_.uses_websocket() ? " over WebSocket" : "", settings_.uses_websocket() ? "wss" : "mqtts"));
}

Error MqttConnection::end_of_standing_connection(const ConnectionEnd& end) {
  const auto now = SessionMemory::Clock::now();
  SessionMemory& memory = *settings_.memory;
  if (end.cause == ConnectionEnd::Cause::disconnected && end.code == reason_session_taken_over) {
    memory.taken_over(now);
    return {ErrorCategory::refused,
            fmt::format("{}: session taken over by another client with the client id {}; waiting {} s before taking it "
                        "back, give each client a client_id of its own",
                        broker(), client_id(), whole_seconds(memory.wait(now))),
            std::chrono::ceil<std::chrono::milliseconds>(memory.wait(now))};
  }
  if (end.cause == ConnectionEnd::Cause::disconnected) {
    const Error reason = disconnect_reason(end.code, end.reason_string);
    return {reason.category, broker() + ": " + reason.text};
  }
  if (memory.dropped(now))
    return {ErrorCategory::refused,
            fmt::format("{} closed the connection again and again right after accepting it: probably another client "
                        "uses the client id {}; waiting {} s, give each client a client_id of its own",
                        broker(), client_id(), whole_seconds(memory.wait(now))),
            std::chrono::ceil<std::chrono::milliseconds>(memory.wait(now))};
  return {ErrorCategory::network, fmt::format("the connection to {} broke", broker())};
}

void MqttConnection::client_outcome(std::uint64_t token, Outcome outcome) {
  if (!ended_) observer_.message_outcome(token, std::move(outcome));
}

void MqttConnection::client_disconnected() {
  if (ended_) return;
  ended_ = true;
  observer_.connection_closed();
}

void MqttConnection::fail(ErrorCategory category, std::string text) { fail({category, std::move(text)}); }

void MqttConnection::fail(Error error) {
  if (ended_) return;
  ended_ = true;
  timer_.cancel();
  observer_.connection_lost(std::move(error));
}

}  // namespace pbxbridge::sink
