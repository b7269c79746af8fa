#include "explain/time_text.hpp"

#include "sink/rfc3339.hpp"

#include <charconv>
#include <chrono>
#include <cstddef>

namespace pbxbridge::explain {

namespace {

// Whole years whose nanoseconds since 1970 fit in 64 bits, whatever the offset from UTC.
constexpr int first_year = 1678;
constexpr int last_year = 2261;

class TimeReader {
 public:
  explicit TimeReader(std::string_view text) : rest_(text) {}

  std::optional<SystemTime> read() {
    using namespace std::chrono;
    int year_number = 0;
    int month_number = 0;
    int day_number = 0;
    const bool is_date = digits(4, year_number) && after('-') && digits(2, month_number) && after('-') &&
                         digits(2, day_number) && (after('T') || after('t') || after(' '));
    if (!is_date || year_number < first_year || year_number > last_year) return std::nullopt;
    const year_month_day date{year{year_number} / month_number / day_number};
    const auto clock = read_clock();
    if (!clock || !date.ok()) return std::nullopt;
    const auto fraction = read_fraction();
    const auto offset = read_offset();
    if (!fraction || !offset || !rest_.empty()) return std::nullopt;
    return SystemTime(sys_days(date)) + *clock + *fraction - *offset;
  }

 private:
  bool after(char character) {
    if (rest_.empty() || rest_.front() != character) return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// A number of exactly so many digits.
  bool digits(std::size_t count, int& number) {
    if (rest_.size() < count || rest_.front() == '-') return false;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + count, number);
    if (error != std::errc() || end != rest_.data() + count) return false;
    rest_.remove_prefix(count);
    return true;
  }

  std::optional<std::chrono::seconds> read_clock() {
    int hour = 0;
    int minute = 0;
    int second = 0;
    const bool is_read = digits(2, hour) && after(':') && digits(2, minute) && after(':') && digits(2, second);
    if (!is_read || hour > 23 || minute > 59 || second > 59) return std::nullopt;
    return std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second);
  }

  std::optional<std::chrono::nanoseconds> read_fraction() {
    if (!after('.')) return std::chrono::nanoseconds(0);
    std::int64_t nanoseconds = 0;
    std::int64_t unit = 1'000'000'000;
    for (; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9' && unit > 1; rest_.remove_prefix(1))
      nanoseconds += (rest_.front() - '0') * (unit /= 10);
    if (unit == 1'000'000'000) return std::nullopt;
    return std::chrono::nanoseconds(nanoseconds);
  }

  std::optional<std::chrono::minutes> read_offset() {
    if (after('Z') || after('z')) return std::chrono::minutes(0);
    const bool is_behind = after('-');
    if (!is_behind && !after('+')) return std::nullopt;
    int hours = 0;
    int minutes = 0;
    if (!digits(2, hours) || !after(':') || !digits(2, minutes) || hours > 23 || minutes > 59) return std::nullopt;
    const std::chrono::minutes offset = std::chrono::hours(hours) + std::chrono::minutes(minutes);
    return is_behind ? -offset : offset;
  }

  std::string_view rest_;
};

}  // namespace

std::optional<SystemTime> time_from_text(std::string_view text) { return TimeReader(text).read(); }

std::optional<std::string> event_time_text(const Event& event) {
  const auto time = event.event_time();
  if (!time || !sink::is_rfc3339_time(*time)) return std::nullopt;
  return sink::rfc3339(*time);
}

}  // namespace pbxbridge::explain
