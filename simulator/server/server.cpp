#include "simulator/server/server.hpp"

#include "simulator/server/model_state.hpp"
#include "simulator/server/output.hpp"
#include "url/endpoint.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <stdexcept>

namespace pbxbridge::sim {

namespace {

using boost::system::error_code;
using tcp = boost::asio::ip::tcp;

constexpr std::chrono::milliseconds look_again(5);
constexpr std::chrono::milliseconds patience_with_accept(100);
constexpr std::chrono::seconds patience_with_slow_readers(120);
constexpr std::uint16_t normal_closure = 1000;

Time now() { return std::chrono::floor<Duration>(std::chrono::system_clock::now()); }

}  // namespace

Server::Server(boost::asio::io_context& io, const Options& options, const Installation& installation)
    : io_(io),
      options_(options),
      installation_(installation),
      world_(installation.tenants),
      tls_(boost::asio::ssl::context::tls_server),
      endpoint_(boost::asio::ip::make_address(options.address), options.port),
      acceptor_(io),
      timer_(io),
      restart_timer_(io),
      accept_timer_(io),
      model_(std::in_place, world_, options.seed, options.start_time ? time_of_seconds(*options.start_time) : now(),
             options.dialect),
      tokens_(std::chrono::seconds(options.token_lifetime)),
      rest_(installation, world_, *model_, tokens_),
      pump_(io, options, world_, *model_, pump_hooks()) {
  if (options.quirks) quirks_.emplace(options.seed);
  rest_.limit(options.rest_limit);
  behaviour_.account_of_token = [this](std::string_view token) {
    return tokens_.account_of(token, std::chrono::steady_clock::now());
  };
  behaviour_.dialect = options.dialect;
  behaviour_.answer_subscribes = options.answer_subscribes;
  behaviour_.snapshots = options.snapshots;
  behaviour_.subscribe_at_sign_in = options.subscribe_at_sign_in;
  if (options.tls) make_certificates();
  if (!options.replay_file.empty()) {
    if (const auto events = pump_.replay(options.replay_file); !events) throw std::runtime_error(events.error().text);
    // A recording has the snapshots of the PBX that it is of.
    if (pump_.replays_recording()) behaviour_.snapshots = false;
  }
  if (!options.ledger_file.empty()) ledger_.emplace(options.ledger_file);
  listen();
  begin_if_due();
}

std::string Server::url() const {
  return fmt::format("{}://{}/wsi", options_.tls ? "wss" : "ws",
                     url::host_and_port(endpoint_.address().to_string(), endpoint_.port()));
}

void Server::make_certificates() {
  const auto names = options_.tls_name.empty() ? std::vector<std::string>{"localhost", "127.0.0.1", "::1"}
                                               : std::vector<std::string>{options_.tls_name};
  certificates_ = make_certificate(names);
  use_certificate(false);
  if (options_.tls_directory.empty()) return;
  std::filesystem::create_directories(options_.tls_directory);
  const auto file = options_.tls_directory / "ca.pem";
  if (!(std::ofstream(file) << certificates_.authority)) throw std::runtime_error(file.string() + " cannot be written");
}

/// Connections that stand keep the context that they were made with.
void Server::use_certificate(bool expired) {
  boost::asio::ssl::context tls(boost::asio::ssl::context::tls_server);
  const auto& own = expired ? certificates_.expired_certificate : certificates_.certificate;
  tls.use_certificate_chain(boost::asio::buffer(own + certificates_.authority));
  tls.use_private_key(boost::asio::buffer(certificates_.private_key), boost::asio::ssl::context::pem);
  tls_ = std::move(tls);
}

/// The second time on the port that the kernel chose the first time.
void Server::listen() {
  try {
    acceptor_.open(endpoint_.protocol());
    acceptor_.set_option(tcp::acceptor::reuse_address(true));
    acceptor_.bind(endpoint_);
    acceptor_.listen();
  } catch (const boost::system::system_error& error) {
    throw std::runtime_error(fmt::format("cannot listen on {}: {}",
                                         url::host_and_port(endpoint_.address().to_string(), endpoint_.port()),
                                         error.code().message()));
  }
  endpoint_ = acceptor_.local_endpoint();
  accept();
}

void Server::listen_unless_refused() {
  if (!acceptor_.is_open() && !refuses_connections_ && !shutting_down_) listen();
}

void Server::accept() {
  acceptor_.async_accept([this](error_code error, tcp::socket socket) {
    if (!acceptor_.is_open() || error == boost::asio::error::operation_aborted) return;
    if (error) return accept_later();
    add_client(std::move(socket));
    accept();
  });
}

/// Without a file descriptor left, accepting would fail again at once, and again.
void Server::accept_later() {
  accept_timer_.expires_after(patience_with_accept);
  accept_timer_.async_wait([this](error_code cancelled) {
    if (!cancelled && acceptor_.is_open()) accept();
  });
}

void Server::add_client(tcp::socket socket) {
  const auto id = ++last_client_id_;
  Client::Hooks hooks;
  hooks.report = [this](const std::string& line) {
    if (options_.verbose) report(line);
  };
  hooks.settle = [this] {
    pump_.settle();
    return model_->now();
  };
  hooks.http = [this](const HttpRequest& request) -> std::optional<HttpAnswer> {
    if (!RestService::is_for(request.target)) return std::nullopt;
    pump_.settle();
    return rest_.answer(request, std::chrono::steady_clock::now());
  };
  hooks.subscriptions_changed = [this] { begin_if_due(); };
  hooks.gone = [this, id] { boost::asio::post(io_, [this, id] { remove_client(id); }); };
  const std::string path = options_.dialect == Dialect::v22 ? "/wsi" : "";
  auto client = std::make_unique<Client>(id, make_connection(std::move(socket), options_.tls ? &tls_ : nullptr, path),
                                         Dialogue(installation_, world_, behaviour_), faults_,
                                         ledger_ ? &*ledger_ : nullptr, std::move(hooks));
  clients_.emplace(id, std::move(client));
}

void Server::remove_client(std::uint64_t id) {
  clients_.erase(id);
  if (shutting_down_ && clients_.empty()) io_.stop();
}

EventPump::Hooks Server::pump_hooks() {
  EventPump::Hooks hooks;
  hooks.push = [this](const Replay::Push& event) {
    return push_to_entitled(*event.facts,
                            [&](Client& client, const Topic* topic) { client.push(event.bytes, event.binary, topic); });
  };
  hooks.push_made_up = [this](const EventFacts& facts, const std::string& text) {
    if (!quirks_) return push_made_up(facts, text);
    const auto pushed = push_made_up(facts, quirks_->apply(text));
    if (const auto unknown = quirks_->unknown_event(facts.tenant_id))
      push_made_up(facts_of(*unknown, world_, options_.dialect), *unknown);
    return pushed;
  };
  hooks.wanted = [this](const EventFacts& facts) {
    return std::ranges::any_of(clients_, [&](const auto& entry) { return entry.second->entitle(facts); });
  };
  hooks.has_audience = [this] {
    return std::ranges::any_of(
        clients_, [](const auto& entry) { return entry.second->is_told() && entry.second->subscription_count() > 0; });
  };
  hooks.unheard = [this](const Event& event) {
    if (ledger_ && event.facts.family == Family::cdr) ledger_->unheard(event.text);
  };
  hooks.behind = [this] {
    return std::ranges::any_of(
        clients_, [](const auto& entry) { return entry.second->connection().unsent_bytes() > far_behind_bytes; });
  };
  hooks.report = [this](const std::string& line) { report(line); };
  hooks.done = [this] {
    if (options_.exit_when_done) when_everything_is_sent();
  };
  return hooks;
}

std::size_t Server::push_made_up(const EventFacts& facts, const std::string& text) {
  return push_to_entitled(facts, [&](Client& client, const Topic* topic) { client.push_made_up(text, topic); });
}

std::size_t Server::push_to_entitled(const EventFacts& facts, const std::function<void(Client&, const Topic*)>& push) {
  std::size_t pushed = 0;
  for (auto& [id, client] : clients_) {
    const auto* topic = client->entitle(facts);
    if (topic == nullptr) continue;
    push(*client, topic);
    ++pushed;
  }
  return pushed;
}

void Server::begin_if_due() {
  std::size_t subscriptions = 0;
  for (const auto& [id, client] : clients_) subscriptions += client->subscription_count();
  if (subscriptions >= options_.start_after) pump_.start();
}

void Server::apply_faults() {
  for (auto& [id, client] : clients_) client->apply_faults();
}

void Server::when_everything_is_sent() {
  const bool sent =
      std::ranges::all_of(clients_, [](const auto& entry) { return entry.second->connection().unsent_bytes() == 0; });
  if (sent) return shut_down(patience_with_slow_readers);
  timer_.expires_after(look_again);
  timer_.async_wait([this](error_code cancelled) {
    if (!cancelled) when_everything_is_sent();
  });
}

void Server::shut_down(std::chrono::seconds patience) {
  if (std::exchange(shutting_down_, true)) return io_.stop();
  pump_.end_moment();
  pump_.stop();
  write_state();
  error_code ignored;
  acceptor_.close(ignored);
  restart_timer_.cancel();
  for (auto& [id, client] : clients_) client->connection().close(normal_closure, "", patience);
  timer_.expires_after(patience + std::chrono::seconds(1));
  timer_.async_wait([this](error_code) { io_.stop(); });
  if (clients_.empty()) io_.stop();
}

void Server::write_state() {
  if (!ledger_) return;
  for (const auto& line : model_state(world_, *model_)) ledger_->state(line);
}

void Server::report(const std::string& line) const { print_line(line); }

Result<std::string> Server::execute(std::string_view line) {
  const auto parsed = parse_command(line);
  if (!parsed) return parsed.error();
  return std::visit([this](const auto& command) -> Result<std::string> { return run(command); }, *parsed);
}

}  // namespace pbxbridge::sim
