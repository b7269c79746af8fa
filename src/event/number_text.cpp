#include "event/number_text.hpp"

#include "text/ascii.hpp"

#include <algorithm>
#include <charconv>

namespace pbxbridge::event {

namespace {

using text::is_digit;

/// A number as its digits without a point, and where the point stands: 0.DIGITS times ten to the `point`.
class Decimal {
 public:
  /// Returns nothing where `text` is no number.
  static std::optional<Decimal> read(std::string_view text) {
    Decimal decimal;
    decimal.is_negative_ = text.starts_with('-');
    if (decimal.is_negative_) text.remove_prefix(1);
    decimal.whole_ = take_digits(text);
    if (decimal.whole_.empty()) return std::nullopt;
    if (text.starts_with('.')) {
      text.remove_prefix(1);
      decimal.fraction_ = take_digits(text);
      if (decimal.fraction_.empty()) return std::nullopt;
    }
    const auto exponent = take_exponent(text);
    if (!exponent || !text.empty()) return std::nullopt;
    decimal.trim();
    decimal.point_ = static_cast<std::int64_t>(decimal.whole_.size()) - decimal.leading_zeros_ + *exponent;
    return decimal;
  }

  bool is_negative() const { return is_negative_; }
  bool is_zero() const { return digits() == 0; }
  bool is_whole() const { return is_zero() || point_ >= digits(); }
  /// Number of digits of the whole part; 0 where that is 0.
  std::int64_t whole_digits() const { return is_zero() ? 0 : std::max<std::int64_t>(point_, 0); }
  /// `position` counts from 0 and is less than `whole_digits`.
  char whole_digit(std::int64_t position) const { return position < digits() ? at(leading_zeros_ + position) : '0'; }

 private:
  static std::string_view take_digits(std::string_view& text) {
    const auto digits =
        text.substr(0, static_cast<std::size_t>(std::ranges::find_if_not(text, is_digit) - text.begin()));
    text.remove_prefix(digits.size());
    return digits;
  }

  /// 0 where none stands there; nothing where it has no digits. Bounded, so that nothing overflows.
  static std::optional<std::int64_t> take_exponent(std::string_view& text) {
    constexpr std::int64_t bound = 1'000'000'000;
    if (!text.starts_with('e') && !text.starts_with('E')) return 0;
    text.remove_prefix(1);
    const bool is_negative = text.starts_with('-');
    if (is_negative || text.starts_with('+')) text.remove_prefix(1);
    const auto digits = take_digits(text);
    if (digits.empty()) return std::nullopt;
    std::int64_t exponent = 0;
    const auto error = std::from_chars(digits.data(), digits.data() + digits.size(), exponent).ec;
    if (error != std::errc()) exponent = bound;
    exponent = std::min(exponent, bound);
    return is_negative ? -exponent : exponent;
  }

  char at(std::int64_t index) const {
    const auto position = static_cast<std::size_t>(index);
    return position < whole_.size() ? whole_[position] : fraction_[position - whole_.size()];
  }

  void trim() {
    end_ = static_cast<std::int64_t>(whole_.size() + fraction_.size());
    while (leading_zeros_ < end_ && at(leading_zeros_) == '0') ++leading_zeros_;
    while (end_ > leading_zeros_ && at(end_ - 1) == '0') --end_;
  }

  std::int64_t digits() const { return end_ - leading_zeros_; }

  bool is_negative_ = false;
  std::string_view whole_;
  std::string_view fraction_;
  std::int64_t leading_zeros_ = 0;
  std::int64_t end_ = 0;  // end of the digits that count, over both parts
  std::int64_t point_ = 0;
};

}  // namespace

std::string_view number_text(std::string_view token, std::string& buffer) {
  constexpr std::int64_t longest = 64;
  if (std::ranges::all_of(token, is_digit)) return token;
  const auto decimal = Decimal::read(token);
  if (!decimal || !decimal->is_whole() || decimal->whole_digits() > longest) return token;
  buffer.clear();
  if (decimal->is_zero()) return buffer = "0";
  if (decimal->is_negative()) buffer += '-';
  for (std::int64_t i = 0; i < decimal->whole_digits(); ++i) buffer += decimal->whole_digit(i);
  return buffer;
}

std::optional<std::int64_t> whole_part(std::string_view text) {
  constexpr std::int64_t surely_fit = 18;
  const auto decimal = Decimal::read(text);
  if (!decimal || decimal->is_negative() || decimal->whole_digits() > surely_fit) return std::nullopt;
  std::int64_t number = 0;
  for (std::int64_t i = 0; i < decimal->whole_digits(); ++i) number = 10 * number + (decimal->whole_digit(i) - '0');
  return number;
}

}  // namespace pbxbridge::event
