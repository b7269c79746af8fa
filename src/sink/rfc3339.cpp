#include "sink/rfc3339.hpp"

#include <cstdint>

namespace pbxbridge::sink {

namespace {

void append_number(std::string& out, std::uint64_t number, std::size_t width) {
  const auto begin = out.size();
  out.resize(begin + width);
  for (auto i = begin + width; i-- > begin; number /= 10) out[i] = static_cast<char>('0' + number % 10);
}

void append_date_and_time(std::string& out, std::chrono::sys_seconds time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const auto second = static_cast<std::uint64_t>((time - day).count());
  append_number(out, static_cast<std::uint64_t>(static_cast<int>(date.year())), 4);
  out += '-';
  append_number(out, static_cast<unsigned>(date.month()), 2);
  out += '-';
  append_number(out, static_cast<unsigned>(date.day()), 2);
  out += 'T';
  append_number(out, second / 3600, 2);
  out += ':';
  append_number(out, second / 60 % 60, 2);
  out += ':';
  append_number(out, second % 60, 2);
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
  append_date_and_time(out, time);
  out += 'Z';
  return out;
}

std::string rfc3339(SystemTime time) {
  const auto second = std::chrono::floor<std::chrono::seconds>(time);
  std::string out;
  out.reserve(30);
  append_date_and_time(out, second);
  out += '.';
  append_number(out, static_cast<std::uint64_t>((time - second).count()), 9);
  out += 'Z';
  return out;
}

}  // namespace pbxbridge::sink
