#pragma once

#include <boost/asio/buffer.hpp>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

namespace pbxbridge::net {

/// Bytes that have come and were not taken. They stay in one piece, so that a listener sees whole messages without
/// copying.
class ReceiveBuffer {
 public:
  /// Room that a fast sender fills while one read is handled; a read of this size costs little more than a small one.
  static constexpr std::size_t first_size = 128 * 1024;

  std::string_view unread() const { return {bytes_.data() + begin_, end_ - begin_}; }
  void take(std::size_t size) {
    begin_ += size;
    if (begin_ == end_) begin_ = end_ = 0;
  }
  void add(std::size_t size) { end_ += size; }

  boost::asio::mutable_buffer prepare() {
    if (bytes_.empty()) bytes_.resize(first_size);
    // A part of a message is moved to the front rather than read in many small pieces.
    if (begin_ > 0 && bytes_.size() - end_ < bytes_.size() / 2) {
      std::copy(bytes_.begin() + static_cast<std::ptrdiff_t>(begin_),
                bytes_.begin() + static_cast<std::ptrdiff_t>(end_), bytes_.begin());
      end_ -= std::exchange(begin_, 0);
    }
    if (end_ == bytes_.size()) bytes_.resize(2 * bytes_.size());
    return boost::asio::buffer(bytes_.data() + end_, bytes_.size() - end_);
  }

  /// A message of several megabytes is rare: its memory is not kept.
  void shrink_when_empty() {
    if (end_ != 0 || bytes_.size() <= first_size) return;
    bytes_.clear();
    bytes_.shrink_to_fit();
  }

 private:
  std::vector<char> bytes_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace pbxbridge::net
