#include "simulator/server/ledger.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <xxhash.h>

#include <chrono>

namespace pbxbridge::sim {

namespace {

std::int64_t unix_microseconds() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

Ledger::Ledger(const std::filesystem::path& file) : file_(LineFile::overwritten(file, "ledger " + file.string())) {}

void Ledger::pushed(std::uint64_t client, std::string_view frame, const Topic* topic) {
  const auto hash = XXH3_128bits(frame.data(), frame.size());
  file_.add_line(
      fmt::format(R"({{"client":{},"time_us":{},"sequence":{},"topic":"{}","bytes":{},"xxh128":"{:016x}{:016x}"}})",
                  client, unix_microseconds(), ++last_sequence_, topic == nullptr ? "" : topic->name, frame.size(),
                  hash.high64, hash.low64));
}

void Ledger::happened(std::uint64_t client, std::string_view what) {
  const auto text = nlohmann::json(what).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  file_.add_line(fmt::format(R"({{"client":{},"time_us":{},"what":{}}})", client, unix_microseconds(), text));
}

void Ledger::unheard(std::string_view event) { of_model("unheard", event); }

void Ledger::state(std::string_view part) { of_model("state", part); }

void Ledger::of_model(std::string_view what, std::string_view object) const {
  file_.add_line(fmt::format(R"({{"time_us":{},"{}":{}}})", unix_microseconds(), what, object));
}

std::string with_number(std::string_view event, std::uint64_t number) {
  event.remove_suffix(1);
  return fmt::format(R"({},"event_number":{}}})", event, number);
}

}  // namespace pbxbridge::sim
