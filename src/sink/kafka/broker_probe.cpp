#include "sink/kafka/broker_probe.hpp"

#include "net/tcp_connector.hpp"
#include "url/endpoint.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>

namespace pbxbridge::sink {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t most_reasons = 3;
constexpr std::chrono::milliseconds longest_step{100};

class Probe {
 public:
  Probe(boost::asio::io_context& io, const BrokerAddress& address, std::chrono::milliseconds limit)
      : address_(address),
        connector_(std::make_shared<net::TcpConnector>(
            io.get_executor(), limit, [this](std::string phase) { reason_ = phase + " takes too long"; },
            [this](const Result<boost::asio::ip::tcp::socket>& socket) { done(socket); })) {
    if (has_possible_port(address)) {
      connector_->start(address.host, static_cast<std::uint16_t>(address.port));
    } else {
      done_ = true;
      reason_ = "there is no such port";
    }
  }
  ~Probe() { connector_->abandon(); }
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

  bool is_done() const { return done_; }
  bool is_reached() const { return reached_; }
  std::string reason() const {
    const std::string name = name_of(address_);
    return reason_.find(name) == std::string::npos ? name + ": " + reason_ : reason_;
  }

 private:
  void done(const Result<boost::asio::ip::tcp::socket>& socket) {
    done_ = true;
    reached_ = bool(socket);
    if (!socket) reason_ = socket.error().text;
  }

  const BrokerAddress address_;
  bool done_ = false;
  bool reached_ = false;
  std::string reason_;
  const std::shared_ptr<net::TcpConnector> connector_;
};

std::string reasons_of(const std::vector<std::unique_ptr<Probe>>& probes) {
  std::vector<std::string> reasons;
  for (std::size_t i = 0; i < std::min(probes.size(), most_reasons); ++i) reasons.push_back(probes[i]->reason());
  std::string text = fmt::format("{}", fmt::join(reasons, "; "));
  if (probes.size() > most_reasons) text += fmt::format("; and {} more", probes.size() - most_reasons);
  return text;
}

}  // namespace

std::string name_of(const BrokerAddress& address) { return url::host_and_port(address.host, address.port); }

bool has_possible_port(const BrokerAddress& address) {
  return address.port > 0 && address.port <= std::numeric_limits<std::uint16_t>::max();
}

std::optional<std::string> why_no_broker_is_reached(const std::vector<BrokerAddress>& addresses,
                                                    std::chrono::milliseconds limit,
                                                    const std::function<bool()>& stopping) {
  if (addresses.empty()) return std::nullopt;
  boost::asio::io_context io;
  const auto look_ups = boost::asio::make_work_guard(io);  // running in threads of their own
  std::vector<std::unique_ptr<Probe>> probes;
  for (const BrokerAddress& address : addresses) probes.push_back(std::make_unique<Probe>(io, address, limit));
  const auto deadline = Clock::now() + limit;
  const auto is_reached = [](const auto& probe) { return probe->is_reached(); };
  const auto is_done = [](const auto& probe) { return probe->is_done(); };
  while (!stopping() && Clock::now() < deadline) {
    io.restart();
    io.run_one_for(longest_step);
    if (std::ranges::any_of(probes, is_reached)) return std::nullopt;
    if (std::ranges::all_of(probes, is_done)) break;
  }
  return reasons_of(probes);
}

}  // namespace pbxbridge::sink
