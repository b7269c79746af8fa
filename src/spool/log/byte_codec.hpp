#pragma once

#include <bit>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace pbxbridge::spool {

static_assert(std::endian::native == std::endian::little, "numbers on disk are written as they stand in memory");

template <class Number>
void put(std::string& out, Number number) {
  char bytes[sizeof number];
  std::memcpy(bytes, &number, sizeof number);
  out.append(bytes, sizeof number);
}

/// Takes numbers and texts from the front; once something is missing, everything after is, too.
class Cutter {
 public:
  explicit Cutter(std::string_view bytes) : bytes_(bytes) {}

  template <class Number>
  Number number() {
    Number result{};
    const std::string_view raw = text(sizeof result);
    if (ok_) std::memcpy(&result, raw.data(), sizeof result);
    return result;
  }
  std::string_view text(std::size_t size) {
    if (size > bytes_.size()) ok_ = false;
    if (!ok_) return {};
    const std::string_view result = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return result;
  }
  bool ok() const { return ok_; }
  bool at_end() const { return bytes_.empty(); }

 private:
  std::string_view bytes_;
  bool ok_ = true;
};

}  // namespace pbxbridge::spool
