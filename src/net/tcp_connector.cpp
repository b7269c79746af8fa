#include "net/tcp_connector.hpp"

#include "net/peer_watch.hpp"
#include "url/endpoint.hpp"

#include <fmt/format.h>

#include <utility>

namespace pbxbridge::net {
namespace {

using boost::asio::ip::tcp;

std::string address_text(const tcp::endpoint& address) {
  return url::host_and_port(address.address().to_string(), address.port());
}

}  // namespace

TcpConnector::TcpConnector(boost::asio::any_io_executor executor, config::Duration limit, Progress progress,
                           Handler done)
    : executor_(std::move(executor)),
      limit_(limit),
      progress_(std::move(progress)),
      done_(std::move(done)),
      socket_(executor_),
      timer_(executor_) {}

void TcpConnector::start(const std::string& host, std::uint16_t port) {
  progress_(fmt::format("looking up {}", host));
  // The look-up is a member: its handler does not outlive this object.
  lookup_.emplace(executor_, host, port, [this](const Result<HostLookup::Addresses>& result) { looked_up(result); });
}

void TcpConnector::abandon() {
  done_ = nullptr;
  progress_ = nullptr;
  lookup_.reset();
  timer_.cancel();
  boost::system::error_code ignored;
  socket_.close(ignored);
}

void TcpConnector::looked_up(const Result<HostLookup::Addresses>& result) {
  const auto self = shared_from_this();
  if (!result) {
    finish(result.error());
    return;
  }
  addresses_ = result.value();
  try_next();
}

void TcpConnector::try_next() {
  if (next_ == addresses_.size()) {
    finish(Error{ErrorCategory::network, failures_.empty() ? "the host has no address" : failures_});
    return;
  }
  const tcp::endpoint address = addresses_[next_++];
  progress_(fmt::format("connecting to {}", address_text(address)));
  timed_out_ = false;
  timer_.expires_after(limit_ / static_cast<config::Duration::rep>(addresses_.size() + 1));
  timer_.async_wait([self = shared_from_this(), attempt = next_](const boost::system::error_code& error) {
    if (error || !self->done_ || attempt != self->next_) return;
    self->timed_out_ = true;
    boost::system::error_code ignored;
    self->socket_.close(ignored);
  });
  socket_ = tcp::socket(executor_);
  socket_.async_connect(
      address, [self = shared_from_this()](const boost::system::error_code& error) { self->connected(error); });
}

void TcpConnector::connected(const boost::system::error_code& error) {
  if (!done_) return;
  timer_.cancel();
  if (!error && !timed_out_) {
    boost::system::error_code ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
    watch_peer(socket_.native_handle());
    finish(std::move(socket_));
    return;
  }
  if (!failures_.empty()) failures_ += ", ";
  failures_ += fmt::format("{}: {}", address_text(addresses_[next_ - 1]),
                           timed_out_ ? "no answer to the connect" : error.message());
  try_next();
}

void TcpConnector::finish(Result<tcp::socket> result) {
  timer_.cancel();
  if (const Handler done = std::exchange(done_, nullptr)) done(std::move(result));
}

}  // namespace pbxbridge::net
