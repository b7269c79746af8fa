#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace pbxbridge::admin {

/// The clients that may hold a connection at the same time. One that comes is always let in: at the bound, the one
/// that has been idle for longest is closed for it, or else the one whose answer takes longest. So nobody who merely
/// holds connections keeps out a probe.
///
/// A `Client` has `is_open()`, `is_idle()` (no answer is under way), `since()` (of that state) and `close()`. It keeps
/// itself alive for as long as it works.
template <class Client>
class Clients {
 public:
  explicit Clients(std::size_t most) : most_(most) {}

  /// It counts no more, and stays as it is.
  void let_go(const std::shared_ptr<Client>& client) {
    std::erase_if(clients_, [&](const std::weak_ptr<Client>& each) { return each.lock() == client; });
  }

  void close_all() {
    for (const std::weak_ptr<Client>& each : std::exchange(clients_, {}))
      if (const auto client = each.lock()) client->close();
  }

  void let_in(const std::shared_ptr<Client>& client) {
    std::erase_if(clients_, [](const std::weak_ptr<Client>& each) {
      const auto known = each.lock();
      return !known || !known->is_open();
    });
    if (clients_.size() >= most_) close_one();
    clients_.push_back(client);
  }

 private:
  void close_one() {
    const auto rank = [](const std::weak_ptr<Client>& each) {
      const auto client = each.lock();
      return std::pair(!client->is_idle(), client->since());
    };
    const auto last = std::min_element(clients_.begin(), clients_.end(),
                                       [&](const auto& left, const auto& right) { return rank(left) < rank(right); });
    last->lock()->close();
    clients_.erase(last);
  }

  const std::size_t most_;
  std::vector<std::weak_ptr<Client>> clients_;
};

}  // namespace pbxbridge::admin
