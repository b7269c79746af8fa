#pragma once

#include "pbxbridge/error.hpp"
#include "simulator/model/accounts.hpp"
#include "simulator/model/world.hpp"
#include "simulator/protocol/quirks.hpp"
#include "simulator/rest/service.hpp"
#include "simulator/server/certificate.hpp"
#include "simulator/server/client.hpp"
#include "simulator/server/command.hpp"
#include "simulator/server/event_pump.hpp"
#include "simulator/server/options.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace pbxbridge::sim {

/// The simulated PBX: accepts clients, lets events happen, and does what it is told while it runs. Io thread only.
class Server {
 public:
  /// Listens from here on. Throws std::exception where it cannot.
  Server(boost::asio::io_context& io, const Options& options, const Installation& installation);

  std::string url() const;

  /// Runs a command line; what to say about it (`ok push 1 client`), or why not.
  Result<std::string> execute(std::string_view line);

  /// Closes every connection and stops the io_context once all are closed, or after `patience`; at once
  /// if it is called again.
  void shut_down(std::chrono::seconds patience = close_patience);

 private:
  static constexpr std::chrono::seconds close_patience{2};

  void make_certificates();
  void use_certificate(bool expired);
  void listen();
  /// Opens the port if it is closed and no fault keeps it so.
  void listen_unless_refused();
  void accept();
  void accept_later();
  void add_client(boost::asio::ip::tcp::socket socket);
  void remove_client(std::uint64_t id);
  EventPump::Hooks pump_hooks();
  std::size_t push_made_up(const EventFacts& facts, const std::string& text);
  void write_state();
  /// Calls `push` with each client that the event is for and the topic by which it is; how many those are.
  std::size_t push_to_entitled(const EventFacts& facts, const std::function<void(Client&, const Topic*)>& push);
  void apply_faults();
  void begin_if_due();
  void when_everything_is_sent();
  void report(const std::string& line) const;

  std::string run(const command::Push& command);
  std::string run(const command::PushAll& command);
  Result<std::string> run(const command::Replay& command);
  std::string run(const command::Start& command);
  std::string run(const command::SetRate& command);
  std::string run(const command::SetSpeed& command);
  Result<std::string> run(const command::Order& command);
  Result<std::string> run(const command::State& command);
  std::string run(const command::RestLimit& command);
  std::string run(const command::Quit& command);
  Result<std::string> run(const Fault& fault);

  std::string run(const fault::Close& fault);
  std::string run(const fault::Drop& fault);
  std::string run(const fault::Silent& fault);
  std::string run(const fault::StopReading& fault);
  std::string run(const fault::AnswerDelay& fault);
  std::string run(const fault::ForgetAnswers& fault);
  std::string run(const fault::RejectAuth& fault);
  std::string run(const fault::Reject& fault);
  std::string run(const fault::Allow& fault);
  std::string run(const fault::Trickle& fault);
  std::string run(const fault::HalfFrame& fault);
  std::string run(const fault::HugeFrame& fault);
  std::string run(const fault::Fragments& fault);
  std::string run(const fault::InvalidUtf8& fault);
  std::string run(const fault::DeepJson& fault);
  std::string run(const fault::PingFlood& fault);
  std::string run(const fault::Upgrade& fault);
  std::string run(const fault::Rest& fault);
  std::string run(const fault::RefuseConnections& fault);
  Result<std::string> run(const fault::ExpireCertificate& fault);
  std::string run(const fault::Restart& fault);
  /// Calls `act` with each client that is connected, and says how many those are.
  std::string to_each(std::string_view name, const std::function<void(Client&)>& act);

  boost::asio::io_context& io_;
  Options options_;
  const Installation& installation_;
  World world_;
  Behaviour behaviour_;
  StandingFaults faults_;
  std::optional<Ledger> ledger_;
  CertificateChain certificates_;
  boost::asio::ssl::context tls_;
  boost::asio::ip::tcp::endpoint endpoint_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer timer_;
  boost::asio::steady_timer restart_timer_;
  boost::asio::steady_timer accept_timer_;
  std::uint32_t restarts_ = 0;
  bool refuses_connections_ = false;
  std::uint64_t last_client_id_ = 0;
  std::map<std::uint64_t, std::unique_ptr<Client>> clients_;
  bool shutting_down_ = false;
  std::optional<Model> model_;
  Tokens tokens_;
  RestService rest_;
  std::optional<Quirks> quirks_;
  EventPump pump_;
};

}  // namespace pbxbridge::sim
