#include "app/service_notifier.hpp"

#include "text/log_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <time.h>
#include <unistd.h>
#include <utility>

namespace pbxbridge::app {

namespace {

using std::chrono::microseconds;

constexpr microseconds notice_interval = std::chrono::seconds(1);
/// systemd takes 4096 bytes of a datagram.
constexpr std::size_t longest_sentence = 1000;
/// Time for the steps after the deliveries, such as closing the spool.
constexpr std::chrono::seconds closing_time{5};

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? value : 0;
}

std::optional<NotifySocket> open_socket(observe::Log& log) {
  const std::string_view address = variable("NOTIFY_SOCKET");
  if (address.empty()) return std::nullopt;
  auto socket = NotifySocket::open(address);
  if (!socket)
    log.write(
        observe::log_code::notify_failed, "",
        fmt::format("NOTIFY_SOCKET={} is neither a path nor @NAME; pbxbridge runs, and its service manager is not "
                    "told that it does",
                    text::log_text(address)));
  return socket;
}

/// Follows sd_watchdog_enabled(3): the variables may be meant for another process.
microseconds watchdog_time() {
  const auto process = variable("WATCHDOG_PID");
  if (!process.empty() && number(process) != static_cast<std::uint64_t>(::getpid())) return microseconds(0);
  return microseconds(number(variable("WATCHDOG_USEC")));
}

std::int64_t monotonic_microseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1'000;
}

}  // namespace

ServiceNotifier::ServiceNotifier(boost::asio::io_context& io, observe::Log& log, std::function<std::string()> sentence)
    : socket_(open_socket(log)),
      watchdog_(watchdog_time()),
      sentence_(std::move(sentence)),
      timer_(io.get_executor()) {}

void ServiceNotifier::ready() {
  if (!socket_) return;
  state_ = "READY=1\n";
  look();
}

void ServiceNotifier::reloading() {
  if (!socket_) return;
  state_ = fmt::format("RELOADING=1\nMONOTONIC_USEC={}\n", monotonic_microseconds());
  tell();
}

void ServiceNotifier::stopping(std::chrono::milliseconds limit) {
  if (!socket_) return;
  sentence_ = [] { return "Stopping: no more events are accepted, those in flight are delivered"; };
  state_ = fmt::format("STOPPING=1\nEXTEND_TIMEOUT_USEC={}\n", microseconds(limit + closing_time).count());
  tell();
}

void ServiceNotifier::look() {
  tell();
  timer_.after(watchdog_ > microseconds(0) ? std::min(notice_interval, watchdog_ / 2) : notice_interval,
               [this] { look(); });
}

void ServiceNotifier::tell() {
  const std::string sentence = text::log_text(sentence_(), longest_sentence);
  std::string assignments = state_;
  if (sentence != told_) assignments += fmt::format("STATUS={}\n", sentence);
  if (watchdog_ > microseconds(0)) assignments += "WATCHDOG=1\n";
  if (assignments.empty() || !socket_->send(assignments)) return;
  state_.clear();
  told_ = sentence;
}

}  // namespace pbxbridge::app
