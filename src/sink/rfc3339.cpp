#include "sink/rfc3339.hpp"

#include <cstdint>
#include <string_view>

namespace pbxbridge::sink {

namespace {

/// Writes `width` digits in front of `end`.
void write_number(char* end, std::uint32_t number, int width) {
  for (; width > 0; --width, number /= 10) *--end = static_cast<char>('0' + number % 10);
}

/// Into memory that is there, and in one step: a time is made for each message.
void append_date_and_time(std::string& out, std::chrono::sys_seconds time) {
  constexpr std::string_view form = "0000-00-00T00:00:00";
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const auto second = static_cast<std::uint32_t>((time - day).count());
  const std::size_t begin = out.size();
  out += form;
  char* const text = out.data() + begin;
  write_number(text + 4, static_cast<std::uint32_t>(static_cast<int>(date.year())), 4);
  write_number(text + 7, static_cast<unsigned>(date.month()), 2);
  write_number(text + 10, static_cast<unsigned>(date.day()), 2);
  write_number(text + 13, second / 3600, 2);
  write_number(text + 16, second / 60 % 60, 2);
  write_number(text + 19, second % 60, 2);
}

}  // namespace

bool is_rfc3339_time(std::chrono::sys_seconds time) {
  constexpr std::int64_t year_0000 = -62'167'219'200;
  constexpr std::int64_t year_10000 = 253'402'300'800;
  const auto seconds = time.time_since_epoch().count();
  return seconds >= year_0000 && seconds < year_10000;
}

std::string rfc3339(std::chrono::sys_seconds time) {
  std::string out;
  append_rfc3339(out, time);
  return out;
}

void append_rfc3339(std::string& out, std::chrono::sys_seconds time) {
  append_date_and_time(out, time);
  out += 'Z';
}

std::string rfc3339(SystemTime time) {
  std::string out;
  out.reserve(30);
  append_rfc3339(out, time);
  return out;
}

void append_rfc3339(std::string& out, SystemTime time) {
  const auto second = std::chrono::floor<std::chrono::seconds>(time);
  append_date_and_time(out, second);
  constexpr std::string_view form = ".000000000Z";
  out += form;
  write_number(out.data() + out.size() - 1, static_cast<std::uint32_t>((time - second).count()), 9);
}

}  // namespace pbxbridge::sink
