#include "truth/sent_times.hpp"

#include "truth/mapped_file.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <string>
#include <string_view>

namespace pbxbridge::bench {

namespace {

/// The number after `name` in a line of the ledger; 0 where it has none.
std::int64_t field(std::string_view line, std::string_view name) {
  std::int64_t value = 0;
  const auto found = line.find(name);
  if (found != line.npos) std::from_chars(line.data() + found + name.size(), line.data() + line.size(), value);
  return value;
}

}  // namespace

std::vector<std::int64_t> read_sent_times(const std::filesystem::path& ledger, std::size_t count) {
  const MappedFile file(ledger);
  std::vector<std::int64_t> times;
  times.reserve(count);
  for (auto rest = file.text(); !rest.empty();) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (field(line, R"("sequence":)") > 0) times.push_back(field(line, R"("time_us":)"));
  }
  if (times.size() != count)
    throw std::runtime_error(ledger.string() + " holds " + std::to_string(times.size()) + " pushes instead of " +
                             std::to_string(count));
  return times;
}

}  // namespace pbxbridge::bench
