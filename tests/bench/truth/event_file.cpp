#include "truth/event_file.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <string>
#include <unordered_map>

namespace pbxbridge::bench {

namespace {

/// Calls `take` with each line and its place in the text. Each line ends in a line break.
template <class Take>
void each_line(std::string_view text, Take take) {
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = text.find('\n', begin);
    if (end == text.npos) throw std::runtime_error("a file of the events ends in the middle of a line");
    take(text.substr(begin, end - begin), begin);
    begin = end + 1;
  }
}

/// Takes `KIND TENANT/NAME` or `KIND NAME`.
std::string without_tenant(std::string_view entity) {
  const auto kind = entity.substr(0, entity.find(' ') + 1);
  return std::string(kind).append(entity.substr(std::max(kind.size(), entity.find('/') + 1)));
}

}  // namespace

EventFile::EventFile(const std::filesystem::path& directory) : events_(directory / "events.ndjson") {
  each_line(events_.text(), [this](std::string_view, std::size_t begin) { begins_.push_back(begin); });
  begins_.push_back(events_.text().size());
  const MappedFile names(directory / "entities");
  std::unordered_map<std::string_view, std::uint32_t> known;
  each_line(names.text(), [&](std::string_view name, std::size_t) {
    const auto [entity, is_new] = known.emplace(name, static_cast<std::uint32_t>(known.size()));
    if (is_new) names_.push_back(without_tenant(name));
    entities_.push_back(entity->second);
  });
  if (begins_.size() != entities_.size() + 1)
    throw std::runtime_error(directory.string() + ": there are not as many events as entities");
}

std::string_view EventFile::event(std::uint32_t number) const {
  const auto begin = begins_[number - 1];
  return events_.text().substr(begin, begins_[number] - begin - 1);
}

std::optional<std::uint32_t> number_of(std::string_view payload) {
  constexpr std::string_view name = R"("event_number":)";
  const auto found = payload.rfind(name);
  if (found == payload.npos || payload.back() != '}') return std::nullopt;
  const char* const end = payload.data() + payload.size() - 1;
  std::uint32_t number = 0;
  const auto [stop, error] = std::from_chars(payload.data() + found + name.size(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

}  // namespace pbxbridge::bench
