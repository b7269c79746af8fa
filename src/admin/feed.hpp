#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace pbxbridge::admin {

/// A piece of a stream, shared by all that it is written to.
using Piece = std::shared_ptr<const std::string>;

/// Sends the same pieces to whoever listens, such as server-sent events. Nobody is waited for: a listener that has not
/// taken the piece before gets the newest one once it has, and those between never. Keeps a listener until it is
/// closed. Io thread only.
class Feed {
 public:
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void take(const Piece& piece) = 0;
    /// False once it has gone.
    virtual bool is_open() const = 0;
  };

  /// `first`: made for each listener as it comes, and sent before all others.
  explicit Feed(std::function<Piece()> first) : first_(std::move(first)) {}

  /// Returns the first piece.
  Piece add(const std::shared_ptr<Listener>& listener) {
    forget_closed();
    listeners_.push_back(listener);
    return first_();
  }

  void publish(const Piece& piece) {
    forget_closed();
    for (const auto& listener : listeners_) listener->take(piece);
  }

  /// Number of listeners. With none, nothing need be made.
  std::size_t size() {
    forget_closed();
    return listeners_.size();
  }

 private:
  void forget_closed() {
    std::erase_if(listeners_, [](const std::shared_ptr<Listener>& listener) { return !listener->is_open(); });
  }

  const std::function<Piece()> first_;
  std::vector<std::shared_ptr<Listener>> listeners_;
};

}  // namespace pbxbridge::admin
