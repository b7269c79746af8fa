#include "net/host_lookup.hpp"

#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include <cstring>
#include <mutex>
#include <netdb.h>
#include <system_error>
#include <thread>
#include <utility>

namespace pbxbridge::net {
namespace {

using boost::asio::ip::tcp;

Result<HostLookup::Addresses> look_up(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* list = nullptr;
  if (const int error = ::getaddrinfo(host.c_str(), nullptr, &hints, &list); error != 0)
    return Error{ErrorCategory::network, fmt::format("the host {} was not found: {}", host, ::gai_strerror(error))};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(list, ::freeaddrinfo);

  HostLookup::Addresses addresses;
  for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
    tcp::endpoint address;
    if (entry->ai_addrlen > address.capacity()) continue;
    std::memcpy(address.data(), entry->ai_addr, entry->ai_addrlen);
    address.resize(entry->ai_addrlen);
    address.port(port);
    addresses.push_back(address);
  }
  return addresses;
}

}  // namespace

struct HostLookup::Shared {
  std::mutex mutex;
  boost::asio::any_io_executor executor;  // under mutex; empty once abandoned
  Handler done;                           // executor only

  static void deliver(const std::shared_ptr<Shared>& shared, Result<Addresses> result) {
    const std::lock_guard lock(shared->mutex);
    if (!shared->executor) return;
    boost::asio::post(shared->executor, [shared, result = std::move(result)] {
      if (const Handler handler = std::exchange(shared->done, nullptr)) handler(result);
    });
  }
};

HostLookup::HostLookup(boost::asio::any_io_executor executor, std::string host, std::uint16_t port, Handler done)
    : shared_(std::make_shared<Shared>()) {
  shared_->executor = std::move(executor);
  shared_->done = std::move(done);

  boost::system::error_code not_numeric;
  const auto address = boost::asio::ip::make_address(host, not_numeric);
  if (!not_numeric) {
    Shared::deliver(shared_, Addresses{tcp::endpoint(address, port)});
    return;
  }
  try {
    std::thread([shared = shared_, host = std::move(host), port] {
      Shared::deliver(shared, look_up(host, port));
    }).detach();
  } catch (const std::system_error& error) {
    Shared::deliver(shared_, Error{ErrorCategory::internal,
                                   fmt::format("no thread could be started to look up the host: {}", error.what())});
  }
}

HostLookup::~HostLookup() {
  const std::lock_guard lock(shared_->mutex);
  shared_->executor = nullptr;
  shared_->done = nullptr;
}

}  // namespace pbxbridge::net
